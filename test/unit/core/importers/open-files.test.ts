import { describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import type { StreamImporter } from "#core/importers/importer.ts";
import { iotop } from "#core/importers/iotop.ts";
import { lsof } from "#core/importers/lsof.ts";
import { netstat } from "#core/importers/netstat.ts";
import { ss } from "#core/importers/ss.ts";
import type { Profile } from "#core/model/profile.ts";
import type { IoTable, OpenRow } from "#core/model/tables.ts";
import { bytesOf, feed, fixture } from "./importing.ts";

const ioOf = (profile: Profile): IoTable => createAnalyst().answer(profile, { view: "io", selection: {} });
const openOf = (importer: StreamImporter, bytes: Uint8Array): readonly OpenRow[] =>
  ioOf(feed(importer, bytes)).open;
const rowOf = (rows: readonly OpenRow[], name: string): OpenRow | undefined =>
  rows.find((row) => row.name === name);
/** What every tool says of the same server's sockets. */
const sockets = (rows: readonly OpenRow[]): readonly string[] =>
  rows
    .filter(({ name }) => /^(?:TCP|UDP)/.test(name))
    .map(({ name, state }) => `${name} ${state}`)
    .sort();

const sameSockets = [
  "TCP 127.0.0.1:45001 LISTEN",
  "TCP 127.0.0.1:45001 → 127.0.0.1:48154 ESTABLISHED",
  "TCP 127.0.0.1:48154 → 127.0.0.1:45001 ESTABLISHED",
  "TCP [::1]:45002 LISTEN",
  "TCP [::1]:45002 → [::1]:55060 ESTABLISHED",
  "TCP [::1]:55060 → [::1]:45002 ESTABLISHED",
];

describe("one server, told by four tools", () => {
  test.each([
    ["lsof -F", lsof, "lsof/fields.lsof.txt"],
    ["ss -tunap", ss, "ss/headless.ss.txt"],
    ["netstat -tunap", netstat, "netstat/tunapeo.netstat.txt"],
    ["netstat in French", netstat, "netstat/french.netstat.txt"],
    ["netstat of BusyBox", netstat, "netstat/busybox-and-interfaces.netstat.txt"],
  ])("%s names its sockets the same", (_, importer, path) => {
    const found = sockets(openOf(importer, fixture(path)));
    expect(found.filter((name) => name.startsWith("TCP"))).toEqual(sameSockets);
  });
});

describe("lsof", () => {
  test("a table: names with blanks, files that are gone, what has no number", () => {
    const rows = openOf(lsof, fixture("lsof/server.lsof.txt"));
    expect(rowOf(rows, "/srv/demo/with a space.db")).toMatchObject({
      pid: 16_445,
      process: "python3",
      fd: 3,
      kind: "file",
      access: "rw",
      sizeBytes: 200_000,
      position: -1,
      more: { user: "root", type: "REG", device: "254,0", inode: "761946" },
    });
    expect(rowOf(rows, "/srv/demo/gone.log (deleted)")).toMatchObject({ fd: 4, isOpen: true });
    expect(rowOf(rows, "/srv/demo/Größe.txt")).toMatchObject({ fd: 6, access: "w" });
    expect(rowOf(rows, "/srv/demo/new\\nline.txt")).toMatchObject({ fd: 5 });
    expect(rowOf(rows, "/srv/demo")).toMatchObject({ fd: -1, slot: "cwd", kind: "folder" });
    expect(rowOf(rows, "/usr/bin/python3.11")).toMatchObject({ slot: "txt" });
    expect(rows.filter(({ slot }) => slot === "mem")).toHaveLength(8);
    expect(rowOf(rows, "socket:[2323873] protocol: TCP")).toMatchObject({ fd: 17, kind: "socket" });
    expect(rowOf(rows, "UNIX /srv/demo/s.sock")).toMatchObject({ fd: 15, state: "LISTEN" });
    expect(rows.filter(({ name }) => name === "pipe:[2323874]").map(({ access }) => access)).toEqual([
      "r",
      "w",
    ]);
    expect(rows).toHaveLength(31);
  });

  test("the same without its header, and as fields", () => {
    const whole = fixture("lsof/server.lsof.txt");
    const rows = openOf(lsof, whole);
    const bare = whole.subarray(whole.indexOf(10) + 1);
    expect(lsof.sniff(bare, "")).toBe(true);
    expect(openOf(lsof, bare)).toEqual(rows);
    const fields = openOf(lsof, fixture("lsof/fields.lsof.txt"));
    const numbered = (of: readonly OpenRow[]) =>
      of
        .filter(({ fd, name }) => fd >= 0 && name.startsWith("/"))
        .map(({ fd, name, access, kind }) => [fd, name, access, kind]);
    expect(numbered(fields)).toEqual(numbered(rows));
  });

  test("fields with zeros, turn after turn: queues, where it stands, times", () => {
    const profile = feed(lsof, fixture("lsof/repeated-fields.lsof.txt"));
    const { open, spanNs } = ioOf(profile);
    expect(spanNs).toBe(2e9);
    expect(rowOf(open, "TCP [::1]:45002 → [::1]:55060")).toMatchObject({ receiveQueue: 3000, sendQueue: 0 });
    expect(rowOf(open, "/srv/demo/with a space.db")).toMatchObject({
      position: 200_000,
      more: { nlink: "1", uid: "0" },
    });
    expect(profile.counters.map(({ id, length }) => [id, length])).toEqual([["open-descriptors", 3]]);
  });

  test("other ends (-E) are no part of a name", () => {
    const rows = openOf(lsof, fixture("lsof/repeated.lsof.txt"));
    expect(rowOf(rows, "TCP localhost:48154 → localhost:45001")).toMatchObject({
      peer: "localhost:45001",
      state: "ESTABLISHED",
      more: { endpoint: "16445,python3,9u", ppid: "1" },
    });
  });

  test("what it may not see is said, threads are threads", () => {
    const profile = feed(lsof, fixture("lsof/denied.lsof.txt"));
    expect(profile.meta.notes.join()).toContain("What one process has open lsof was not allowed to see");
    expect(profile.threads.length).toBe(3);
    expect(
      ioOf(profile)
        .open.filter(({ isOpen }) => isOpen)
        .map(({ fd }) => fd),
    ).toEqual([3, 4]);
  });

  test("bytes that another locale has no letter for, a command that is cut", () => {
    const text =
      "lsof: WARNING: can't stat() tracefs file system /sys/kernel/debug/tracing\n" +
      "      Output information may be incomplete.\n" +
      "COMMAND     PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n" +
      "Web\\x20Co  4711  ada    3uW  REG    8,1       12   77 /home/ada/Gr\\xc3\\xb6\\xc3\\x9fe\\xff.txt\n" +
      "playwrigh    12  ada    9u  sock    0,8      0t0 1234 can't identify protocol\n" +
      "an unreadable line\n";
    const profile = feed(lsof, bytesOf(text));
    const { open } = ioOf(profile);
    expect(open.map(({ process, name, more }) => [process, name, more?.lock])).toEqual([
      ["playwrigh", "socket:[1234] can't identify protocol", undefined],
      ["Web Co", "/home/ada/Größe\\xff.txt", "W"],
    ]);
    expect(profile.meta.notes).toEqual([
      "lsof cuts names of commands to nine letters; with +c 0 it writes them whole.",
      "lsof warned once that it may not have seen all.",
      "1 line could not be read.",
    ]);
  });
});

describe("ss", () => {
  test("what TCP says of a connection, time after time, is its rate", () => {
    const profile = feed(ss, fixture("ss/traffic.ss.txt"));
    const { open, spanNs } = ioOf(profile);
    expect(spanNs).toBe(1e9);
    expect(rowOf(open, "TCP 127.0.0.1:48154 → 127.0.0.1:45001")).toMatchObject({
      pid: 16_445,
      process: "python3",
      fd: 8,
      sentBytes: 4_840_000,
      receivedBytes: 0,
      roundTripNs: 43_000,
      bytesPerSecond: 280_000,
      more: { inode: "2323865", details: expect.stringContaining("skmem:(r0,") },
    });
    expect(rowOf(open, "TCP [::1]:45002 → [::1]:55060")).toMatchObject({
      receiveQueue: 3000,
      receivedBytes: 3000,
    });
    expect(profile.meta.notes).toEqual([]);
  });

  test.each([
    [
      'tcp ESTAB 0 0 10.0.0.1%eth0:80 [fe80::1]%eth0:99 users:(("a b\\"c",pid=7,fd=3),("n(g,x",pid=8,fd=3))',
      ["TCP 10.0.0.1%eth0:80 → [fe80::1]%eth0:99", "TCP 10.0.0.1%eth0:80 → [fe80::1]%eth0:99"],
      ['a b\\"c', "n(g,x"],
    ],
    ["u_str LISTEN 0 10 /run/with a space.sock 4711 * 0", ["UNIX /run/with a space.sock"], [""]],
    ["u_dgr UNCONN 0 0 @abstract 4711 * 4712", ["UNIX-DGRAM @abstract"], [""]],
    ["nl UNCONN 0 0 rtnl:systemd/555 *", ["NETLINK rtnl:systemd/555"], [""]],
    ["tcp LISTEN 0 128 *:https *:*", ["TCP *:https"], [""]],
    ["v_str LISTEN 0 0 *:2024 *:*", ["VSOCK *:2024"], [""]],
  ])("%s", (line, names, processes) => {
    const rows = openOf(ss, bytesOf(`${line}\n`));
    expect(ss.sniff(bytesOf(`${line}\n`), "")).toBe(true);
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map(({ process }) => process)).toEqual(processes);
  });

  test("connected sockets of a kind that is not told are noted", () =>
    expect(
      feed(
        ss,
        bytesOf(
          "Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n0      0          127.0.0.1:34926    127.0.0.1:43587\n",
        ),
      ).meta.notes.join(),
    ).toContain("taken as TCP"));
});

describe("netstat", () => {
  test("users, inodes, timers and processes have their places", () => {
    const rows = openOf(netstat, fixture("netstat/tunapeo.netstat.txt"));
    expect(rowOf(rows, "UDP 127.0.0.1:45003")).toMatchObject({
      pid: 16_445,
      process: "python3",
      fd: -1,
      state: "",
      more: { user: "0", inode: "2323870", timer: "off (0.00/0/0)" },
    });
  });

  test("sockets of the machine itself, with and without a process, connected to nobody yet", () => {
    const rows = openOf(netstat, fixture("netstat/french.netstat.txt"));
    expect(
      rows.filter(({ name }) => name.startsWith("UNIX")).map(({ pid, name, state }) => [pid, name, state]),
    ).toEqual([
      [16_445, "UNIX /srv/demo/s.sock", "LISTEN"],
      [16_445, "UNIX", "CONNECTE"],
      [-1, "UNIX /srv/demo/s.sock", "ENCONNEXION"],
    ]);
  });

  test("a process whose name has blanks, cut addresses, ports that are shared, what root alone sees", () => {
    const text =
      "(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n" +
      "Active Internet connections (only servers)\n" +
      "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name\n" +
      "tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN      4711/nginx: master \n" +
      "tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN      4711/nginx: master \n" +
      "tcp6       0     12 2001:db8:85a3:8d3:13:44 ::ffff:10.0.0.9:4432    TIME_WAIT   -                   \n";
    const profile = feed(netstat, bytesOf(text));
    expect(ioOf(profile).open.map(({ process, name, sendQueue }) => [process, name, sendQueue])).toEqual([
      ["nginx: master", "TCP 0.0.0.0:80", 0],
      ["nginx: master", "TCP 0.0.0.0:80", 0],
      ["", "TCP [2001:db8:85a3:8d3:13]:44 → [::ffff:10.0.0.9]:4432", 12],
    ]);
    expect(profile.meta.notes).toEqual([
      "netstat cuts long addresses and names to the width of its columns; with -W it writes them whole.",
      "netstat was not allowed to see whose some sockets are: run it with sudo.",
    ]);
  });
});

describe("iotop", () => {
  test.each([
    ["of Python, with times", "iotop/threads.iotop.txt", 6_865_951],
    ["of Python, bare", "iotop/bare.iotop.txt", 12_790_887],
    ["sums (-a)", "iotop/c-sums.iotop.txt", 11_439_964],
  ])("%s: who moved what", (_, path, written) => {
    const { threads } = ioOf(feed(iotop, fixture(path)));
    expect(threads.map(({ readBytes, writtenBytes }) => [readBytes, writtenBytes])).toEqual([[0, written]]);
  });

  test("of C: all disks are one, a process's threads count twice", () => {
    const profile = feed(iotop, fixture("iotop/c.iotop.txt"));
    const { disks } = ioOf(profile);
    expect(
      disks.map(({ device, writtenBytesPerSecond }) => [device, Math.round(writtenBytesPerSecond / 1e5)]),
    ).toEqual([["all", 36]]);
    expect(profile.meta.notes[0]).toContain("with -P each counts once");
  });

  test("lines as Python shows bytes, past midnight, waits, threads with names of their own", () => {
    const text = [
      "b'23:59:59 Total DISK READ :       0.00 B/s | Total DISK WRITE :       2.00 K/s'",
      "b'23:59:59 Actual DISK READ:       0.00 B/s | Actual DISK WRITE:       0.00 B/s'",
      "b'    TIME  TID  PRIO  USER     DISK READ  DISK WRITE  SWAPIN     IO    COMMAND'",
      "b'23:59:59   7 be/4 ada         2.00 K/s    0.00 B/s  0.00 %  1.50 % java -jar a.jar [GC Thread#0]'",
      "b'00:00:01 Total DISK READ :       0.00 B/s | Total DISK WRITE :       2.00 K/s'",
      "b'00:00:01   7 rt/0 ada         1.50 M/s    1.00 B/s  0.00 % 99.99 % java -jar a.jar [GC Thread#0]'",
    ].join("\n");
    const profile = feed(iotop, bytesOf(`${text}\n`));
    expect(ioOf(profile).threads).toMatchObject([
      { name: "GC Thread#0", tid: 7, readBytes: 3 << 20, writtenBytes: 2 },
    ]);
    expect(profile.counters.find(({ id }) => id === "GC Thread#0/7 IO")?.value).toEqual(
      Float64Array.of(1.5, 99.99),
    );
    expect(profile.meta.notes.join()).toContain(
      "The first report tells of a time of which nobody says how long it was",
    );
  });
});

test("what is open, disks and threads go by any column, what is not known last; a process is searched by its name", () => {
  const profile = feed(lsof, fixture("lsof/repeated-fields.lsof.txt"));
  const ask = (part: object) =>
    createAnalyst()
      .answer(profile, { view: "io", selection: {}, ...part })
      .open.map(({ fd }) => fd);
  expect(ask({ orders: { open: "-fd", disk: "", thread: "" } })).toEqual([13, 12, 9, 8, 4, 3]);
  expect(ask({ orders: { open: "-position", disk: "", thread: "" } }).slice(0, 2)).toEqual([3, 4]);
  expect(ask({ orders: { open: "-queued", disk: "", thread: "" }, limit: 1 })).toEqual([13]);
  expect(ask({ filter: "^python3$" })).toHaveLength(6);
});
