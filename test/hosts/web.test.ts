import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Contract, contract, protocolVersion } from "#core/contract.ts";
import { type Client, createClient } from "#core/rpc/client.ts";
import { decode, encodeWhole } from "#core/rpc/codec.ts";
import type { Port } from "#core/rpc/port.ts";
import { startWebHost, type WebHost } from "../../main/hosts/web/web-host.ts";
import { perfBytes } from "../unit/engine/perf-text.ts";
import { codeOf } from "../unit/engine/problem-code.ts";
import { ensureBuilt, type TestEngine, temporaryHome, testEngine } from "./built.ts";

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

let engine: TestEngine;
let host: WebHost;
let folder: string;
let token: string;
let cookie: string;

/** A request as no browser would make it: the path is sent as it is written. */
const ask = (
  path: string,
  part: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port: host.port,
        path,
        method: part.method ?? "GET",
        headers: { Host: `127.0.0.1:${host.port}`, ...part.headers },
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    sent.on("error", reject);
    sent.end();
  });

/** Messages that reached the engine, by connection: 1 is the first since the count was cleared. */
const calls = new Map<number, number>();

const counting = () => ({
  connect: (port: Port) => {
    const connection = calls.size + 1;
    calls.set(connection, 0);
    return engine.engine.connect({
      ...port,
      onMessage: (handler) =>
        port.onMessage((message) => {
          calls.set(connection, (calls.get(connection) ?? 0) + 1);
          handler(message);
        }),
    });
  },
});

beforeAll(async () => {
  await ensureBuilt();
  engine = await testEngine();
  folder = await temporaryHome();
  await mkdir(join(folder, "page", "assets"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<!doctype html><title>page</title>");
  await writeFile(join(folder, "page", "assets", "main.js"), "export {};");
  await writeFile(join(folder, "secret.txt"), "secret");
  host = await startWebHost({ engine: counting(), rendererFolder: join(folder, "page") });
  token = new URL(host.url).searchParams.get("token") ?? "";
  const entered = await ask(`/?token=${token}`);
  cookie = String(entered.headers["set-cookie"]?.[0]).split(";")[0] ?? "";
});
afterAll(async () => {
  await host.close();
  await engine.end();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe("without the token", () => {
  const check = (
    what: string,
    path: string,
    part: () => { method?: string; headers?: Record<string, string> } = () => ({}),
  ): void =>
    test(`${what} gets nothing`, async () => {
      const { status, headers, body } = await ask(path, part());
      expect(status).toBe(403);
      expect(headers["content-type"]).toContain("text/plain");
      expect(headers["set-cookie"]).toBeUndefined();
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(body).toContain("flamewright serve");
      expect(body).not.toContain("<");
    });
  check("the page", "/");
  check("a script", "/assets/main.js");
  check("what is not there", "/none");
  check("an empty token", "/?token=");
  check("a wrong token", `/?token=${"a".repeat(43)}`);
  check("a token for another path", "/assets/main.js?token=");
  check("the address of the socket", "/engine");
  check("a wrong cookie", "/", () => ({ headers: { Cookie: `flamewright-${host.port}=wrong` } }));
  check("the token as the cookie", "/", () => ({
    headers: { Cookie: `flamewright-${host.port}=${token}` },
  }));
  check("a write", "/", () => ({ method: "POST" }));
  check("a question of another origin", "/", () => ({
    method: "OPTIONS",
    headers: { Origin: "http://evil.example", "Access-Control-Request-Method": "GET" },
  }));
});

describe("with the token", () => {
  test("the page comes after a redirect that takes the token out of the address", async () => {
    const { status, headers } = await ask(`/?token=${token}`);
    expect(status).toBe(303);
    expect(headers.location).toBe("/");
    const [kept = ""] = headers["set-cookie"] ?? [];
    expect(kept).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(kept).not.toContain(token);
    const page = await ask("/", { headers: { Cookie: cookie } });
    expect(page).toMatchObject({ status: 200, body: "<!doctype html><title>page</title>" });
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.headers["content-security-policy"]).not.toContain("unsafe");
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    expect(page.headers["cache-control"]).toBe("no-store");
    expect(page.headers["referrer-policy"]).toBe("no-referrer");
    expect(page.headers["content-type"]).toContain("text/html");
    const script = await ask("/assets/main.js", { headers: { Cookie: cookie } });
    expect(script.headers["content-type"]).toContain("text/javascript");
  });

  test("a token is 256 random bits, and another one each time", async () => {
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const other = await startWebHost({ engine: engine.engine, rendererFolder: join(folder, "page") });
    expect(other.url).not.toContain(token);
    await other.close();
  });

  test("a file to open is named to the page, as data", async () => {
    const other = await startWebHost({
      engine: engine.engine,
      rendererFolder: join(folder, "page"),
      file: "/srv/a b&c\r\nX: y#.fwp",
    });
    const { headers } = await fetch(other.url, { redirect: "manual" });
    expect(headers.get("location")).toBe("/#open=%2Fsrv%2Fa%20b%26c%0D%0AX%3A%20y%23.fwp");
    await other.close();
  });

  const checkHost = (name: string): void =>
    test(`a request for the host ${JSON.stringify(name)} gets nothing`, async () => {
      const at = name.replace("PORT", String(host.port));
      expect((await ask(`/?token=${token}`, { headers: { Host: at } })).status).toBe(403);
      expect((await ask("/", { headers: { Host: at, Cookie: cookie } })).status).toBe(403);
    });
  checkHost("evil.example");
  checkHost("evil.example:PORT");
  checkHost("127.0.0.1");
  checkHost("127.0.0.1:1");
  checkHost("127.0.0.1:PORT.evil.example");
  checkHost("localhost.evil.example:PORT");

  test("localhost is this machine too", async () => {
    const headers = { Host: `localhost:${host.port}`, Cookie: cookie };
    expect((await ask("/", { headers })).status).toBe(200);
  });

  const checkPath = (path: string): void =>
    test(`${path} leads nowhere`, async () => {
      const { status, body } = await ask(path, { headers: { Cookie: cookie } });
      expect([403, 404]).toContain(status);
      expect(body).not.toContain("secret");
    });
  checkPath("/../secret.txt");
  checkPath("/..%2fsecret.txt");
  checkPath("/%2e%2e/secret.txt");
  checkPath("/assets/../../secret.txt");
  checkPath("/assets/..%5c..%5csecret.txt");
  checkPath("//etc/passwd");
  checkPath("/%00");
  checkPath("/assets/main.js%00.html");
  checkPath("/assets");
  checkPath("/constructor");
  checkPath("http://evil.example/");

  test("nothing can be written", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
      expect((await ask("/", { method, headers: { Cookie: cookie } })).status).toBe(405);
    const head = await ask("/", { method: "HEAD", headers: { Cookie: cookie } });
    expect(head).toMatchObject({ status: 200, body: "" });
  });
});

test("it listens on the loopback address only", async () => {
  const others = ["127.0.0.2", "::1"];
  for (const address of others) {
    const socket = connect({ host: address, port: host.port });
    const [error] = await once(socket, "error");
    expect((error as NodeJS.ErrnoException).code).toBe("ECONNREFUSED");
  }
});

test("a port that is taken, and a page that is not there, have their problem", async () => {
  const rendererFolder = join(folder, "page");
  expect(await codeOf(startWebHost({ engine: engine.engine, port: host.port, rendererFolder }))).toBe(
    "port-in-use",
  );
  expect(await codeOf(startWebHost({ engine: engine.engine, rendererFolder: join(folder, "none") }))).toBe(
    "no-page",
  );
});

const dial = (headers: Record<string, string>, path = "/engine"): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });

const own = (): Record<string, string> => ({ Cookie: cookie, Origin: `http://127.0.0.1:${host.port}` });

/** 101, or the status that the socket was refused with. */
const statusOf = (socket: WebSocket): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.on("open", () => {
      resolve(101);
      socket.close();
    });
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on("error", reject);
  });

const portOf = (socket: WebSocket): Port => ({
  post: (message) => socket.send(encodeWhole(message)),
  onMessage: (handler) => {
    socket.on("message", (data: Buffer) => handler(decode(new Uint8Array(data))));
  },
  onClose: (handler) => {
    socket.on("close", handler);
  },
  close: () => socket.close(),
});

const clientOf = async (): Promise<{ client: Client<Contract>; socket: WebSocket }> => {
  const socket = dial(own());
  await once(socket, "open");
  return { client: createClient(portOf(socket), contract), socket };
};

describe("the socket", () => {
  const check = (what: string, headers: () => Record<string, string>, status: number, path?: string): void =>
    test(`${what}: ${status}`, async () => {
      expect(await statusOf(dial(headers(), path))).toBe(status);
    });
  check("opens for the own page", own, 101);
  check(
    "opens for the own page by its other name",
    () => ({
      Cookie: cookie,
      Host: `localhost:${host.port}`,
      Origin: `http://localhost:${host.port}`,
    }),
    101,
  );
  check("not without a cookie", () => ({ Origin: `http://127.0.0.1:${host.port}` }), 403);
  check("not with a wrong one", () => ({ ...own(), Cookie: `flamewright-${host.port}=x` }), 403);
  check("not without an origin", () => ({ Cookie: cookie }), 403);
  check("not for another site's page", () => ({ ...own(), Origin: "http://evil.example" }), 403);
  check("not for a page of another port", () => ({ ...own(), Origin: "http://127.0.0.1:1" }), 403);
  check("not for a file", () => ({ ...own(), Origin: "null" }), 403);
  check("not under another name of the machine", () => ({ ...own(), Host: "evil.example" }), 403);
  check(
    "not under this machine's name for another",
    () => ({
      ...own(),
      Host: `localhost:${host.port}`,
    }),
    403,
  );
  check("not at another path", own, 403, "/engine/../engine2");

  test("carries the whole contract, for several pages", async () => {
    const [first, second] = await Promise.all([clientOf(), clientOf()]);
    const info = await first.client.call("engine.hello", { protocol: protocolVersion });
    expect(info.protocol).toBe(protocolVersion);
    const bytes = perfBytes({ burn_a: 6, burn_b: 4 });
    const { uploadId } = await first.client.call("profile.uploadBegin", {
      name: "a.txt",
      sizeBytes: bytes.length,
    });
    await first.client.call("profile.uploadChunk", { uploadId, bytes: bytes as Uint8Array<ArrayBuffer> });
    const { profileId } = await first.client.call("profile.uploadEnd", { uploadId });
    const totals = await Promise.all(
      [first, second].map(
        ({ client }) =>
          new Promise<number>((resolve) => {
            client.stream(
              "profile.watch",
              { profileId, query: { view: "flame", selection: {}, widthPx: 800 } },
              {
                item: ({ state, table }) => {
                  if (state.phase === "ready" && table?.view === "flame") resolve(table.totalSamples);
                },
              },
            );
          }),
      ),
    );
    expect(totals).toEqual([10, 10]);
    expect(await codeOf(second.client.call("profile.open", { path: "/none" }))).toBe("no-such-file");
    first.client.close();
    second.client.close();
  });

  const checkClosed = (what: string, send: (socket: WebSocket) => void, code: number): void =>
    test(`closes on ${what}`, async () => {
      const { socket } = await clientOf();
      const closed = once(socket, "close");
      send(socket);
      expect((await closed)[0]).toBe(code);
    });
  checkClosed("text", (socket) => socket.send("hello"), 1003);
  checkClosed("bytes that are no message", (socket) => socket.send(new Uint8Array([1, 2, 3])), 1003);
  checkClosed("a message beyond all bounds", (socket) => socket.send(new Uint8Array(33 << 20)), 1009);

  test("reads no more from a page that takes nothing", async () => {
    calls.clear();
    const { client, socket } = await clientOf();
    const bytes = perfBytes(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`function_${i}`, 1])));
    const { uploadId } = await client.call("profile.uploadBegin", { name: "a", sizeBytes: bytes.length });
    await client.call("profile.uploadChunk", { uploadId, bytes: bytes as Uint8Array<ArrayBuffer> });
    const { profileId } = await client.call("profile.uploadEnd", { uploadId });
    const query = { view: "top", selection: {}, limit: 2000 } as const;
    await client.call("profile.query", { profileId, query: { view: "info" } }).catch(() => undefined);
    await new Promise<void>((resolve) => {
      const watching = client.stream(
        "profile.watch",
        { profileId, query },
        {
          item: ({ state }) => {
            if (state.phase !== "ready") return;
            watching.dispose();
            resolve();
          },
        },
      );
    });
    // Each answer has some 90 KB: 54 MB in all, of which the host may hold a small part.
    socket.pause();
    const before = calls.get(1) ?? 0;
    const answers = Array.from({ length: 600 }, () => client.call("profile.query", { profileId, query }));
    // Another page is served meanwhile, often enough for all answers to be made if nothing held them back.
    const other = await clientOf();
    for (let i = 0; i < 200; i++) await other.client.call("profile.query", { profileId, query });
    const reached = (calls.get(1) ?? 0) - before;
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThan(300);
    socket.resume();
    expect(await Promise.all(answers)).toHaveLength(600);
    client.close();
    other.client.close();
  });
});
