import type { MessagePortMain } from "electron";
import { toProblem } from "#core/base/result.ts";
import type { Port } from "#core/rpc/port.ts";
import { createEngine } from "#engine/engine.ts";
import manifest from "../../../package.json" with { type: "json" };
import type { FromEngine, ToEngine } from "./engine-messages.ts";

/** Entry of the utility process: one engine, one port a window. */

const { parentPort } = process;
const tell = (message: FromEngine): void => parentPort.postMessage(message);

function portOf(port: MessagePortMain): Port {
  return {
    // Electron clones what it sends between processes; there is nothing to transfer.
    post: (message) => port.postMessage(message),
    onMessage: (handler) => {
      port.on("message", (event) => handler(event.data));
      port.start();
    },
    onClose: (handler) => {
      port.on("close", handler);
    },
    close: () => port.close(),
  };
}

try {
  const engine = await createEngine({ version: manifest.version, keepsSpare: true });
  parentPort.on("message", (event) => {
    const message = event.data as ToEngine;
    if (message.type === "shutdown") {
      engine.shutdown().then(
        () => process.exit(0),
        () => process.exit(1),
      );
      return;
    }
    if (message.type === "open-ahead") return engine.openAhead(message.path);
    const [port] = event.ports;
    if (port) engine.connect(portOf(port));
  });
  tell({ type: "ready" });
} catch (error) {
  const { message, fix } = toProblem(error);
  tell({ type: "failed", message: `${message} ${fix}` });
}
