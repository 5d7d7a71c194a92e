import { createServer } from "node:net";
import { expect, test } from "vitest";
import { listeningIn, listeningOf } from "#engine/targets/endpoints.ts";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (local: string, state: string, inode: number): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 ffff 100 0\n`;

test.each([
  ["0100007F:17AC", "127.0.0.1:6060"],
  ["00000000:1F90", "0.0.0.0:8080"],
  ["00000000000000000000000000000000:17AC", "[::]:6060"],
  ["00000000000000000000000001000000:17AC", "[::1]:6060"],
  ["0000000000000000FFFF00000100007F:17AC", "127.0.0.1:6060"],
])("%s is %s", (local, text) =>
  expect(listeningIn(head + row(local, "0A", 42), new Set(["42"]))).toEqual([text]),
);

test("only sockets of the process that listen count", () => {
  const table =
    head + row("0100007F:0001", "0A", 1) + row("0100007F:0002", "01", 2) + row("0100007F:0003", "0A", 3);
  expect(listeningIn(table, new Set(["1", "2"]))).toEqual(["127.0.0.1:1"]);
  expect(listeningIn("what\never\n", new Set(["1"]))).toEqual([]);
});

test("of this process, where it listens now", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  expect(listeningOf(process.pid)).toContain(`127.0.0.1:${port}`);
  await new Promise((resolve) => server.close(resolve));
  expect(listeningOf(process.pid)).not.toContain(`127.0.0.1:${port}`);
  expect(listeningOf(0x7fffffff)).toEqual([]);
});
