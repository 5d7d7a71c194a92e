/*
 * Truth: the main thread waits; two workers burn a CPU each: worker 1 all in crewEven, worker 2 all in crewOdd.
 * Run with --no-turbo-inlining --no-use-osr. Prints "ready PID" when both work.
 */
import { isMainThread, parentPort, threadId, Worker } from "node:worker_threads";

function crewEven(n) {
  let x = n | 0;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  return x;
}
function crewOdd(n) {
  let x = n | 0;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 22695477) + 1) | 0;
  return x;
}

if (isMainThread) {
  let working = 0;
  for (let i = 0; i < 2; i++) {
    new Worker(new URL(import.meta.url)).on("message", () => {
      if (++working === 2) process.stdout.write(`ready ${process.pid}\n`);
    });
  }
} else {
  parentPort.postMessage("working");
  const work = threadId % 2 === 1 ? crewEven : crewOdd;
  const turn = () => {
    for (let i = 0; i < 20; i++) work(500000);
    setImmediate(turn);
  };
  turn();
}
