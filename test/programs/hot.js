/*
 * Truth: hotA takes 60 %, hotB 30 %, hotC 10 % of its CPU time; call chain: tick > caller > { hotA, hotB, hotC }.
 * A round of the three takes 50 ms, several times a sampler's period: a few hundred samples are no matter of chance.
 * Only with --no-turbo-inlining --no-use-osr: else V8 counts the time of hot callees for their caller.
 * Usage: node --no-turbo-inlining --no-use-osr hot.js [SECONDS (0: for ever)]. Prints "ready PID", and "done" at the end.
 */
import { setImmediate } from "node:timers";

function hotA(n) {
  let x = n | 0;
  for (let i = 0; i < n; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    x ^= x >>> 13;
  }
  return x;
}
function hotB(n) {
  let x = n | 0;
  for (let i = 0; i < n; i++) {
    x = (Math.imul(x, 22695477) + 1013904223) | 0;
    x ^= x >>> 13;
  }
  return x;
}
function hotC(n) {
  let x = n | 0;
  for (let i = 0; i < n; i++) {
    x = (Math.imul(x, 1103515245) + 1013904223) | 0;
    x ^= x >>> 13;
  }
  return x;
}
function caller() {
  let sum = 0;
  for (let i = 0; i < 40; i++) sum += hotA(600000);
  for (let i = 0; i < 40; i++) sum += hotB(300000);
  for (let i = 0; i < 40; i++) sum += hotC(100000);
  return sum;
}

const seconds = Number(process.argv[2] ?? 0);
const end = seconds === 0 ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
let sum = 0;
function tick() {
  sum += caller();
  if (Date.now() < end) setImmediate(tick);
  else process.stdout.write(`done ${sum}\n`);
}
process.stdout.write(`ready ${process.pid}\n`);
tick();
