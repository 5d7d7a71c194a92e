import { expect, test } from "vitest";
import { readInternet, readTcpInfo, readUnix } from "../../../main/engine/io/socket-texts.ts";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, remote: string, state: string, queues: string, inode: number): string =>
  `   0: ${local} ${remote} ${state} ${queues} 00:00000000 00000000     0        0 ${inode} 1 000000003455ee17 100 0 0 10 0\n`;

test("sockets of /proc/net: both ends, state, queues", () => {
  const tcp = readInternet(
    head +
      line("0100007F:9B9D", "00000000:0000", "0A", "00000000:00000002", 11) +
      line("0100007F:C350", "0100007F:0050", "01", "00001000:00000020", 12),
    "TCP",
  );
  expect(tcp.get(11)).toMatchObject({
    name: "TCP 127.0.0.1:39837",
    state: "LISTEN",
    peer: "",
    receiveQueue: 2,
  });
  expect(tcp.get(12)).toMatchObject({
    name: "TCP 127.0.0.1:50000 → 127.0.0.1:80",
    peer: "127.0.0.1:80",
    state: "ESTABLISHED",
    sendQueue: 4096,
    receiveQueue: 32,
    key: "127.0.0.1:50000 127.0.0.1:80",
  });
  const udp = readInternet(
    head + line("00000000:0035", "00000000:0000", "07", "00000000:00000000", 13),
    "UDP",
  );
  expect(udp.get(13)).toMatchObject({ name: "UDP 0.0.0.0:53", state: "UNCONNECTED", key: "" });
});

test.each([
  ["00000000000000000000000001000000:0050", "[::1]:80"],
  ["00000000000000000000000000000000:0050", "[::]:80"],
  ["0000000000000000FFFF00000100007F:0050", "[::ffff:127.0.0.1]:80"],
  ["B80D01200000000000000000010000AB:01BB", "[2001:db8::ab00:1]:443"],
])("an end of IPv6: %s", (text, is) => {
  const six = readInternet(head + line(text, `${"0".repeat(32)}:0000`, "0A", "0:0", 1), "TCP");
  expect(six.get(1)?.name).toBe(`TCP ${is}`);
});

test("unix sockets", () => {
  const unix = readUnix(
    "Num       RefCount Protocol Flags    Type St Inode Path\n" +
      "0000000004323e29: 00000002 00000000 00010000 0001 01 21 /run/a b.sock\n" +
      "0000000007626327: 00000003 00000000 00000000 0001 03 22\n",
  );
  expect(unix.get(21)).toMatchObject({ name: "UNIX /run/a b.sock", state: "LISTEN", peer: "" });
  expect(unix.get(22)).toMatchObject({ name: "UNIX", state: "CONNECTED" });
});

test("ss: what a connection moved", () => {
  const info = readTcpInfo(
    "ESTAB 0      0      127.0.0.1:57820 127.0.0.1:39837\n" +
      "\t bbr wscale:10,10 rto:208 rtt:5.725/11.272 bytes_sent:1817 bytes_acked:1818 bytes_received:427 minrtt:0.026\n" +
      "ESTAB 0      0      [::1]:57820 [::1]:80\n\t cubic rtt:0.1/1 bytes_acked:11\n",
  );
  expect(info.get("127.0.0.1:57820 127.0.0.1:39837")).toEqual({
    receivedBytes: 427,
    sentBytes: 1817,
    roundTripNs: 5_725_000,
  });
  expect(info.get("[::1]:57820 [::1]:80")).toMatchObject({ sentBytes: 10, receivedBytes: 0 });
});
