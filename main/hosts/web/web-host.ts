import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Disposable } from "#core/base/disposable.ts";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { pageHeaders } from "#core/page-policy.ts";
import type { Port } from "#core/rpc/port.ts";
import { createGuard, type Guard } from "./guard.ts";
import { type PageFile, readPageFiles } from "./page-files.ts";
import { socketPort } from "./socket-port.ts";

export interface WebHostOptions {
  readonly engine: { connect(port: Port): Disposable };
  /** 0 or left out: any free one. */
  readonly port?: number;
  readonly rendererFolder: string;
  /** Opened by the page as it starts; "" for none. */
  readonly file?: string;
  /** What to show of the file, as words. */
  readonly view?: string;
}

export interface WebHost {
  /** The address with its token: the key to the workbench. */
  readonly url: string;
  readonly port: number;
  /**
   * An address that works once: for starting a browser, whose arguments every user of the machine can read in the
   * list of processes.
   */
  urlForOnce(): string;
  close(): Promise<void>;
}

/** Loopback only, whatever a caller may wish: another machine comes through an ssh tunnel. */
const ADDRESS = "127.0.0.1";
/** The largest message that a page sends is a piece of an upload. */
const MAX_MESSAGE_BYTES = 32 << 20;
const MAX_SOCKETS = 64;

const headers: Readonly<Record<string, string>> = { ...pageHeaders, "Cache-Control": "no-store" };

const refusal =
  "403: this is a private workbench.\n\n" +
  "Open the whole address that `flamewright serve` printed, with its token, on the machine where it runs.\n" +
  "From another machine, make a tunnel to the same port (ssh -L PORT:127.0.0.1:PORT HOST) and open it there.\n";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const words = (status: number, text: string): Reply => ({
  status,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: text,
});

export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const files = await readPageFiles(options.rendererFolder);
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 30_000, headersTimeout: 10_000 });
  const port = await listen(server, options.port ?? 0);
  const guard = createGuard(port);
  const address = (token: string): string => `http://${ADDRESS}:${port}/?token=${token}`;
  const view = options.view ? `&view=${encodeURIComponent(options.view)}` : "";
  const start = options.file ? `/#open=${encodeURIComponent(options.file)}${view}` : "/";

  server.on("request", (request, response) => {
    const reply = replyTo(guard, files, start, request);
    response.writeHead(reply.status, {
      ...headers,
      ...reply.headers,
      "Content-Length": Buffer.byteLength(reply.body),
    });
    response.end(request.method === "HEAD" ? undefined : reply.body);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // Profiles are numbers: compressing them costs more than loopback does.
    perMessageDeflate: false,
    clientTracking: true,
  });
  server.on("upgrade", (request, socket, head) => {
    if (request.url !== "/engine" || !guard.isOwnOrigin(request) || !guard.hasCookie(request))
      refuseUpgrade(socket, "403 Forbidden");
    else if (sockets.clients.size >= MAX_SOCKETS) refuseUpgrade(socket, "503 Service Unavailable");
    else
      sockets.handleUpgrade(request, socket, head, (page: WebSocket) => {
        options.engine.connect(socketPort(page));
      });
  });

  return {
    url: address(guard.token),
    port,
    urlForOnce: () => address(guard.tokenForOnce()),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const page of sockets.clients) page.terminate();
      sockets.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new ProblemError(listenProblem(error, port), { cause: error })),
    );
    server.listen({ host: ADDRESS, port, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

const listenProblem = (error: NodeJS.ErrnoException, port: number) =>
  error.code === "EADDRINUSE"
    ? problemOf(
        "port-in-use",
        `Port ${port} is taken.`,
        "Choose another one, or leave --port out.",
        error.message,
      )
    : error.code === "EACCES"
      ? problemOf(
          "port-forbidden",
          `You may not listen on port ${port}.`,
          "Choose one above 1023.",
          error.message,
        )
      : problemOf("cannot-listen", `Port ${port} cannot be used.`, "Choose another one.", error.message);

function replyTo(
  guard: Guard,
  files: ReadonlyMap<string, PageFile>,
  start: string,
  request: IncomingMessage,
): Reply {
  // The base only completes a relative URL; what is compared is the path. A whole URL is for a proxy.
  const asked = request.url?.startsWith("/") ? request.url : "";
  const url = asked !== "" && URL.canParse(asked, "http://host") ? new URL(asked, "http://host") : null;
  if (!url || !guard.knowsHost(request)) return words(403, refusal);
  const isRead = request.method === "GET" || request.method === "HEAD";
  const token = url.searchParams.get("token");
  if (isRead && url.pathname === "/" && token !== null && guard.hasToken(token))
    return { status: 303, headers: { Location: start, "Set-Cookie": guard.cookie }, body: "" };
  if (!guard.hasCookie(request)) return words(403, refusal);
  if (!isRead) return words(405, "405: only reading is possible here.\n");
  const file = files.get(url.pathname);
  return file
    ? { status: 200, headers: { "Content-Type": file.contentType }, body: file.bytes }
    : words(404, "404: there is no such page.\n");
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${refusal}`);
}
