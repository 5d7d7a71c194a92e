// The tools of the machine that some tests need: whether each is there, and what brings it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cachedTestElectron } from "../../test/electron/obtain.mjs";
import { executableName, overrideFolder, unpackedFolder } from "./electron.mjs";
import { hasPty } from "./install.mjs";
import { asyncProfilerProblem } from "./java-tools.mjs";
import { which } from "./project.mjs";
import { pythonMemoryProblem, pythonToolProblem } from "./python-tools.mjs";
import { rbspyProblem } from "./ruby-tools.mjs";

const onPath = (program) => () => (which(program) === "" ? `${program} is not installed` : "");

/** A library that is put into programs: the dynamic linker knows where it is. */
const libraryProblem = (name) => () => {
  const listed = spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "";
  return listed.includes(`\t${name}.so`) ? "" : `${name} is not installed`;
};

/** Installed is not enough: containers and settings may forbid perf to look at even one's own processes. */
function perfProblem() {
  if (which("perf") === "") return "perf is not installed";
  const tried = spawnSync("perf", ["stat", "-e", "cpu-clock", "true"], { encoding: "utf8", timeout: 20_000 });
  if (tried.status === 0) return "";
  return `perf may not record here (${(tried.stderr || tried.error?.message || "").trim().split("\n")[0]})`;
}

/** Containers, old kernels and kernels in lockdown take no programs. */
function bpftraceProblem() {
  if (which("bpftrace") === "") return "bpftrace is not installed";
  const tried = spawnSync("bpftrace", ["-e", "BEGIN { exit(); }"], { encoding: "utf8", timeout: 60_000 });
  if (tried.status !== 0)
    return `the kernel takes no programs of bpftrace (${(tried.stderr || "").trim().split("\n").at(-1)})`;
  return existsSync("/sys/kernel/btf/vmlinux")
    ? ""
    : "the kernel does not tell its types (/sys/kernel/btf/vmlinux)";
}

/** A user of its own to be, and a sudo to ask, are made and set up by root only. */
function sudoProblem() {
  if (process.getuid?.() !== 0) return "users who may and may not use sudo can only be made by root";
  const missing = ["sudo", "visudo", "useradd", "userdel", "chpasswd", "setpriv"].filter(
    (name) => which(name) === "",
  );
  return missing.length === 0 ? "" : `${missing.join(", ")} not installed`;
}

/** Where an Electron to test with lies: the one that npm test obtained, else one that is there already; "" for none. */
export function testElectronFolder() {
  const folders = [
    process.env.FLAMEWRIGHT_TEST_ELECTRON,
    overrideFolder(),
    unpackedFolder(),
    cachedTestElectron(),
  ];
  return folders.find((folder) => folder) ?? "";
}

function electronProblem() {
  const folder = testElectronFolder();
  if (folder === "") return "no Electron was obtained (`node test/electron/obtain.mjs` does)";
  return existsSync(join(folder, executableName)) ? "" : `there is no Electron in ${folder}`;
}

const setup = (group) => `sudo native-scripts/setup-debian.sh ${group}`;

/** `problem()` is "" where the tool can be used. `group`: of setup-debian.sh. */
export const tools = {
  perf: { problem: perfProblem, group: "profilers", enable: setup("profilers") },
  bpftrace: { problem: bpftraceProblem, group: "profilers", enable: setup("profilers") },
  ps: { problem: onPath("ps"), group: "profilers", enable: setup("profilers") },
  ...Object.fromEntries(
    ["heaptrack", "gdb", "valgrind", "strace", "ltrace", "ss"].map((name) => [
      name,
      { problem: onPath(name), group: "profilers", enable: setup("profilers") },
    ]),
  ),
  ...Object.fromEntries(
    ["liblsan", "libtcmalloc", "libjemalloc"].map((name) => [
      name,
      { problem: libraryProblem(name), group: "profilers", enable: setup("profilers") },
    ]),
  ),
  cc: { problem: onPath("cc"), group: "build", enable: setup("build") },
  "g++": { problem: onPath("g++"), group: "build", enable: setup("build") },
  ...Object.fromEntries(
    ["zstd", "xz", "bzip2", "c++filt", "objdump", "go", "callgrind_annotate", "python3"].map((name) => [
      name,
      { problem: onPath(name), group: "formats", enable: setup("formats") },
    ]),
  ),
  java: {
    problem: () => ["java", "javac", "jcmd"].map((name) => onPath(name)()).find(Boolean) ?? "",
    group: "profilers",
    enable: setup("profilers"),
  },
  "async-profiler": {
    problem: asyncProfilerProblem,
    group: "profilers",
    enable: `${setup("profilers")} && node native-scripts/bootstrap/java-tools.mjs`,
  },
  git: { problem: onPath("git"), group: "build", enable: setup("build") },
  "node-pty": {
    problem: () => (hasPty() ? "" : "node-pty is not built"),
    group: "build",
    enable: `${setup("build")} && npm rebuild node-pty`,
  },
  ...Object.fromEntries(
    ["py-spy", "austin"].map((name) => [
      name,
      {
        problem: () => pythonToolProblem(name),
        group: "formats",
        enable: `${setup("formats")} && node native-scripts/bootstrap/python-tools.mjs`,
      },
    ]),
  ),
  memray: {
    problem: pythonMemoryProblem,
    group: "formats",
    enable: `${setup("formats")} && node native-scripts/bootstrap/python-tools.mjs`,
  },
  ruby: { problem: onPath("ruby"), group: "ruby", enable: setup("ruby") },
  rbspy: {
    problem: rbspyProblem,
    group: "ruby",
    enable: `${setup("ruby")} && node native-scripts/bootstrap/ruby-tools.mjs`,
  },
  xvfb: { problem: onPath("Xvfb"), group: "electron", enable: setup("electron") },
  chromium: { problem: onPath("chromium"), group: "browser", enable: setup("browser") },
  "rsvg-convert": { problem: onPath("rsvg-convert"), group: "browser", enable: setup("browser") },
  root: {
    problem: () => (process.getuid?.() === 0 ? "" : "a disk that fills up can only be made by root"),
    group: "build",
    enable: "sudo npm test -- --only unit,hosts",
  },
  sudo: {
    problem: sudoProblem,
    group: "profilers",
    enable: `${setup("profilers")} && sudo npm test -- --only real,e2e`,
  },
  electron: { problem: electronProblem, group: "electron", enable: `${setup("electron")} && npm test` },
};

const answers = new Map();

/** Asked once a process. */
export function problemOfTool(name) {
  if (!answers.has(name)) answers.set(name, tools[name].problem());
  return answers.get(name);
}
