import { expect, test } from "vitest";
import { parseSockets } from "../../../../main/engine/exec/inspector-port.ts";
import { hintedPorts, inspectorAmong } from "../../../../main/engine/targets/inspector-state.ts";

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (address: string, state = "0A", inode = "4711"): string =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0\n`;

const sockets: readonly (readonly [string, string, number])[] = [
  ["0100007F:240D", "127.0.0.1", 9229],
  ["00000000:1F90", "127.0.0.1", 8080],
  ["0A0B0C0D:0016", "13.12.11.10", 22],
  ["00000000000000000000000000000000:0050", "[::1]", 80],
  ["00000000000000000000000001000000:240D", "[0000:0000:0000:0000:0000:0000:0000:0001]", 9229],
  ["0000000000000000FFFF00000100007F:240D", "127.0.0.1", 9229],
];
test.each(sockets)("%s", (address, host, port) => {
  expect(parseSockets(header + row(address))).toEqual([{ host, port, state: "0A", inode: "4711" }]);
});
test("nothing, and half a row", () => {
  expect(parseSockets("")).toEqual([]);
  expect(parseSockets(`${header}   0: 0100007F:240D 0000`)).toEqual([]);
});

const lines: readonly (readonly [readonly string[], readonly number[]])[] = [
  [["node", "x.js"], []],
  [["node", "--inspect", "x.js"], [9229]],
  [["node", "--inspect=0", "x.js"], [0]],
  [["node", "--inspect-brk=127.0.0.1:9333", "x.js"], [9333]],
  [["node", "--inspect-port=127.0.0.1:7000"], [7000]],
  [["node", "--inspect-port=0"], [0]],
  [["node", "--inspect=localhost"], [9229]],
  [["node", "x.js", "--inspector-of-things=12"], []],
];
test.each(lines)("%j", (words, ports) => {
  expect([...hintedPorts(words)]).toEqual(ports);
});

test("of the addresses on which a program listens the one that its switches name is the inspector's", () => {
  const listens = ["0.0.0.0:80", "127.0.0.1:40123", "127.0.0.1:9229"];
  expect(inspectorAmong(new Set([40_123]), listens)).toBe("127.0.0.1:40123");
  expect(inspectorAmong(new Set(), listens)).toBe("127.0.0.1:9229");
  expect(inspectorAmong(new Set([0]), listens.slice(0, 2))).toBe("127.0.0.1:40123");
  expect(inspectorAmong(new Set(), listens.slice(0, 2))).toBe("");
});
