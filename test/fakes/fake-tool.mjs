/**
 * Stands in for a profiler: writes what it is told to stdout, and behaves as badly as asked.
 * Usage: fake-tool.mjs MODE, with MODE one of
 *   steady    two samples of perf script text every 20 ms, until SIGINT
 *   garbage   noise (the same every time), lines without end and half a sample; then it ends with 0
 *   dies      ten samples, words on stderr, exit code 9
 *   refuses   perf's refusal on stderr, exit code 255, not one byte
 *   deaf      steady, but SIGINT and SIGTERM do nothing
 *   late      forty samples, one every 20 ms, of something that is over already; what is left at SIGINT is lost
 *   silent    nothing at all, until SIGINT
 *   chatty    20,000 lines on stderr and steady samples
 *   flood     samples as fast as they are taken, until SIGINT; counts what it wrote on stderr
 */
const mode = process.argv[2];
let time = Number(process.hrtime.bigint()) / 1e9;

function sample() {
  time += 0.01;
  return `tool 77/77 [000] ${time.toFixed(9)}: 10101010 cpu-clock:u: \n\t 14c4 burn+0x34 (/srv/demo/tool)\n\t 15d5 main+0x25 (/srv/demo/tool)\n\n`;
}

function noise(length) {
  const bytes = new Uint8Array(length);
  let state = 7;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const steady = () => setInterval(() => process.stdout.write(sample() + sample()), 20);
const endOnInterrupt = () => process.on("SIGINT", () => process.exit(0));

switch (mode) {
  case "steady":
    endOnInterrupt();
    steady();
    break;
  case "garbage":
    process.stdout.write(noise(100_000));
    process.stdout.write("x".repeat(300_000));
    process.stdout.write("\n\ntool 77/77 [000] 1.5: 1010 cpu-clock:u: \n\t 14c4 bu");
    break;
  case "dies":
    process.stdout.write(sample().repeat(10));
    process.stderr.write("something is wrong\nvery wrong\n");
    process.exitCode = 9;
    break;
  case "refuses":
    process.stderr.write(
      "Error:\nAccess to performance monitoring and observability operations is limited.\n",
    );
    process.exitCode = 255;
    break;
  case "deaf":
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => undefined);
    steady();
    break;
  case "late": {
    endOnInterrupt();
    let left = 40;
    setInterval(() => left-- > 0 && process.stdout.write(sample()), 20);
    break;
  }
  case "silent":
    endOnInterrupt();
    setInterval(() => undefined, 1 << 30);
    break;
  case "chatty":
    endOnInterrupt();
    for (let i = 0; i < 20_000; i++) process.stderr.write(`line ${i}\n`);
    steady();
    break;
  case "flood": {
    let written = 0;
    process.on("SIGINT", () => {
      process.stderr.write(`wrote ${written}\n`);
      process.exit(0);
    });
    const block = Array.from({ length: 500 }, sample).join("");
    const pour = () => {
      written += 500;
      if (process.stdout.write(block)) setImmediate(pour);
      else process.stdout.once("drain", pour);
    };
    pour();
    break;
  }
  default:
    process.exitCode = 2;
}
