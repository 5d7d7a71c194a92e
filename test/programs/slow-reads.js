// Reads of pipes that block for 200 ms each, in turn: by `fs.read` in a thread of libuv's, and by `fs.readSync` in the first one.
// Says of each when it ended and how long it took, on CLOCK_MONOTONIC: `waited pool 123 200000000`.
import { execFileSync } from "node:child_process";
import { linkSync, openSync, read, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const names = ["pool", "sync"];
if (isMainThread) {
  const [folder = ".", seconds = "3"] = process.argv.slice(2);
  const path = (name) => join(folder, name);
  execFileSync("mkfifo", names.map(path));
  // The end that writes has a name of its own, so that tools tell the two apart.
  for (const name of names) linkSync(path(name), path(`${name}-writer`));
  // Both ways, so that opening waits for nobody.
  const [pool, sync] = names.map((name) => openSync(path(name), "r+"));
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const writers = names.map((name) => openSync(path(`${name}-writer`), "r+"));
  const worker = new Worker(new URL(import.meta.url), { workerData: { turns, writers } });
  await new Promise((online) => worker.once("online", online));
  process.stdout.write(`ready ${process.pid}\n`);
  const until = performance.now() + Number(seconds) * 1000;
  const byte = Buffer.alloc(1);
  const lines = [];
  const begin = () => {
    Atomics.add(turns, 0, 1);
    Atomics.notify(turns, 0);
    return process.hrtime.bigint();
  };
  const end = (name, from) => {
    const now = process.hrtime.bigint();
    lines.push(`waited ${name} ${now} ${now - from}\n`);
  };
  while (performance.now() < until) {
    const from = begin();
    await new Promise((done) => read(pool, byte, 0, 1, null, done));
    end("pool", from);
    const next = begin();
    readSync(sync, byte, 0, 1, null);
    end("sync", next);
  }
  process.stdout.write(lines.join(""), () => process.exit(0));
} else {
  const { turns, writers } = workerData;
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 0; ; turn++) {
    Atomics.wait(turns, 0, turn);
    Atomics.wait(nobody, 0, 0, 200);
    writeSync(writers[turn % 2], "x");
  }
}
