import { ProblemError, problemOf } from "#core/base/result.ts";
import type { ShellBridge } from "#core/bridge.ts";
import type { Port } from "#core/rpc/port.ts";
import { portOfMessagePort, portOfSocket } from "./ports.ts";

declare global {
  interface Window {
    /** Present in the desktop application. */
    readonly flamewright?: ShellBridge;
  }
}

const unreachable = (detail: string): ProblemError =>
  new ProblemError(
    problemOf(
      "engine-unreachable",
      "The engine of Flamewright cannot be reached.",
      "Check that Flamewright still runs, then reload. Recordings are kept on disk.",
      detail,
    ),
  );

/** The desktop's bridge where there is one, else a socket to where the page came from. Rejects with a ProblemError. */
export const connect = (bridge: ShellBridge | undefined): Promise<Port> =>
  bridge ? connectDesktop(bridge) : connectBrowser();

function connectDesktop(bridge: ShellBridge): Promise<Port> {
  const nonce = crypto.randomUUID();
  return new Promise((resolve, reject) => {
    const listen = (event: MessageEvent): void => {
      const [port] = event.ports;
      if (event.source !== window || event.data?.flamewright !== nonce || !port) return;
      window.removeEventListener("message", listen);
      resolve(portOfMessagePort(port));
    };
    window.addEventListener("message", listen);
    bridge.connect(nonce).catch((error: unknown) => {
      window.removeEventListener("message", listen);
      reject(unreachable(error instanceof Error ? error.message : String(error)));
    });
  });
}

function connectBrowser(): Promise<Port> {
  const url = new URL("/engine", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const refused = (): void => reject(unreachable(`No answer from ${url.host}.`));
    socket.addEventListener("close", refused, { once: true });
    socket.addEventListener(
      "open",
      () => {
        socket.removeEventListener("close", refused);
        resolve(portOfSocket(socket));
      },
      { once: true },
    );
  });
}
