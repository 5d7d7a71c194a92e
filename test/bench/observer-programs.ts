import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Programs that do a fixed piece of work once a line has come on stdin, and then print "took NS": their CPU time meanwhile,
 * and how long they were kept from running by somebody who stopped them. Waiting for a processor is not counted.
 */

const here = join(fileURLToPath(new URL("../..", import.meta.url)), "test", "programs");

function run(argv: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const [program = "", ...args] = argv;
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${error?.message ?? stderr}`);
}

export function buildWork(folder: string): string {
  const path = join(folder, "work");
  run(["cc", "-O2", "-g", "-fno-omit-frame-pointer", join(here, "work.c"), "-o", path, "-pthread"]);
  return path;
}

export function futexCalls(folder: string): string {
  const path = join(folder, "futex-calls");
  run(["cc", "-O2", "-g", "-fno-omit-frame-pointer", join(here, "futex-calls.c"), "-o", path, "-pthread"]);
  return path;
}

export const nodeWork: readonly string[] = [
  process.execPath,
  "-e",
  `const step = (x) => { for (let i = 0; i < 1e6; i++) x = (x * 1664525 + 1013904223) | 0; return x; };
  let x = 1; for (let i = 0; i < 100; i++) x = step(x);
  console.log("ready"); process.stdin.once("data", () => {
  const before = process.cpuUsage(); for (let i = 0; i < 1500; i++) x = step(x);
  const { user, system } = process.cpuUsage(before); console.log("took " + (user + system) * 1000); process.exit(x === 0 ? 1 : 0); });`,
];

/** /proc/self/schedstat: ns on a processor, ns in wait for one. What is left of the time somebody has stopped it. */
export const pythonWork: readonly string[] = [
  "python3",
  "-c",
  `import sys, time
print("ready", flush=True); sys.stdin.readline()
def step(x):
    for i in range(10000): x = (x * 1664525 + 1013904223) & 0xffffffff
    return x
def now():
    cpu, waited, _ = open("/proc/self/schedstat").read().split()
    return time.process_time_ns(), time.monotonic_ns() - int(cpu) - int(waited)
before = now(); x = 1
for i in range(2000): x = step(x)
after = now()
print("took", after[0] - before[0] + max(0, after[1] - before[1]), flush=True)`,
];

const rubyText = `$stdout.sync = true
def step(x) = (i = 0; while i < 10000 do x = (x * 1664525 + 1013904223) & 0xffffffff; i += 1 end; x)
def now
  cpu, waited = File.read("/proc/self/schedstat").split.map(&:to_i)
  [Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :nanosecond), Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - cpu - waited]
end
puts "ready"; $stdin.gets
before = now; x = 1
2500.times { x = step(x) }
after = now
puts "took #{after[0] - before[0] + [0, after[1] - before[1]].max}"`;
export const rubyWork: readonly string[] = ["ruby", "-e", rubyText];

const goText = `package main
import ("bufio"; "fmt"; "net"; "net/http"; _ "net/http/pprof"; "os"; "syscall")
//go:noinline
func step(x uint32) uint32 { for i := 0; i < 1000000; i++ { x = x*1664525 + 1013904223 }; return x }
func used() int64 { var u syscall.Rusage; syscall.Getrusage(0, &u); return u.Utime.Nano() + u.Stime.Nano() }
func main() {
  listener, err := net.Listen("tcp", "127.0.0.1:0")
  if err != nil { panic(err) }
  go http.Serve(listener, nil)
  fmt.Println("ready")
  bufio.NewReader(os.Stdin).ReadString('\\n')
  before := used(); x := uint32(1)
  for i := 0; i < 2000; i++ { x = step(x) }
  fmt.Println("took", used()-before)
  os.Exit(int(x>>31) & 0)
}`;

export function goWork(folder: string): readonly string[] {
  const source = join(folder, "work.go");
  writeFileSync(source, goText);
  run(["go", "build", "-o", join(folder, "go-work"), source], { CGO_ENABLED: "0", GO111MODULE: "off" });
  return [join(folder, "go-work")];
}

/** Its classes are compiled by the JVM before it is ready. */
const javaText = `import java.lang.management.ManagementFactory;
public class Work {
  static volatile long done;
  static int step(int x) { for (int i = 0; i < 1000000; i++) x = x * 1664525 + 1013904223; return x; }
  public static void main(String[] args) throws Exception {
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    int x = 1;
    for (int i = 0; i < 500; i++) x = step(x);
    if (args.length > 0) {
      Thread worker = new Thread(() -> { for (int y = 1;; done++) y = step(y); });
      worker.setDaemon(true);
      worker.start();
      System.out.println("ready");
      while (System.in.read() >= 0) System.out.println("at " + done + " " + system.getProcessCpuTime());
      System.exit(0);
    }
    System.out.println("ready"); System.in.read();
    long before = system.getProcessCpuTime();
    for (int i = 0; i < 6000; i++) x = step(x);
    System.out.println("took " + (system.getProcessCpuTime() - before) + (x == 0 ? " " : ""));
    System.exit(0);
  }
}`;

export function javaWork(folder: string): readonly string[] {
  const classes = join(folder, "java");
  mkdirSync(classes);
  const source = join(classes, "Work.java");
  writeFileSync(source, javaText);
  run(["javac", "-d", classes, source]);
  return ["java", "-cp", classes, "Work"];
}

/** Works on and on; to each byte on stdin it says "at STEPS CPU_NS". */
export const javaProgress = (folder: string): readonly string[] => [...javaWork(folder), "on"];
