import { type LsofFile, unescaped } from "./lsof-rows.ts";

/**
 * `lsof -F`: a letter and a value, one a line, or with -F0 one behind the other with zeros between. What is said of a
 * process holds for the files after it; what is said of a task (K) for the files of that task.
 *
 *     p17740      process          f3     descriptor       m     the end of a turn of -r
 *     cpython3    its command      au     access           TST=  state of TCP
 *     Lroot       its user         tREG   type             n     name
 */
export const fieldsSniff =
  /^p\d{1,10}[\n\0]\n?(?:[KMgRcuLZz][^\n\0]*[\n\0]\n?)*f(?:\d+|[a-zA-Z][\w-]*)[\n\0]/;

interface Sink {
  file(command: string, file: LsofFile): void;
  thread(pid: number, tid: number, name: string): void;
  marker(text: string): void;
  unread(): void;
}

/** Of a process, and of a file, by their letters; others keep the letter. */
const words: Readonly<Record<string, string>> = {
  g: "pgid",
  R: "ppid",
  u: "uid",
  L: "user",
  Z: "context",
  z: "zone",
  C: "count",
  D: "device",
  d: "device",
  F: "address",
  G: "flags",
  k: "nlink",
  N: "node",
  r: "rdev",
  S: "stream",
  E: "endpoint",
};
const ofProcess = new Set(["g", "R", "u", "L", "Z", "z"]);

export class LsofFields {
  readonly #sink: Sink;
  #pid = -1;
  #tid = -1;
  #command = "";
  #task = "";
  #process = new Map<string, string>();
  #file: Map<string, string> | null = null;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  line(line: string): void {
    for (const field of line.split("\0")) if (field !== "") this.#field(field[0] ?? "", field.slice(1));
  }

  end(): void {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    if (this.#tid !== -1) return;
    const of = (letter: string): string => file.get(letter)?.trim() ?? "";
    const offset = of("o");
    const more = [...file].filter(([letter, value]) => !"faltPnoisT".includes(letter) && value.trim() !== "");
    this.#sink.file(this.#command, {
      pid: this.#pid,
      fd: of("f"),
      access: of("a"),
      lock: of("l"),
      type: of("t"),
      protocol: of("P"),
      name: unescaped(file.get("n") ?? ""),
      offset: /^0[tx]/.test(offset) ? offset : "",
      size: /^\d{1,16}$/.test(of("s")) ? of("s") : "",
      inode: of("i"),
      tcp: of("T"),
      more: Object.fromEntries([
        ...[...this.#process],
        ...more.map(([letter, value]) => [words[letter] ?? letter, value] as const),
      ]),
    });
  }

  #field(letter: string, value: string): void {
    if (letter === "p") {
      this.end();
      if (!/^\d{1,10}$/.test(value)) {
        this.#sink.unread();
        return;
      }
      [this.#pid, this.#tid, this.#command, this.#task] = [Number(value), -1, "", ""];
      this.#process = new Map();
    } else if (letter === "m") {
      this.end();
      this.#sink.marker(value);
    } else if (this.#pid === -1 || !/^[a-zA-Z]$/.test(letter)) this.#sink.unread();
    else if (letter === "f") {
      this.end();
      this.#file = new Map([["f", value]]);
    } else if (this.#file !== null) {
      const before = this.#file.get(letter);
      // Of TCP there are several: its state, its queues.
      this.#file.set(letter, letter === "T" && before !== undefined ? `${before} ${value}` : value);
    } else if (letter === "c") this.#command = unescaped(value);
    else if (letter === "K") this.#tid = /^\d{1,10}$/.test(value) ? Number(value) : -1;
    else if (letter === "M") this.#task = unescaped(value);
    else if (ofProcess.has(letter)) this.#process.set(words[letter] ?? letter, value);
    else this.#sink.unread();
    if (this.#tid !== -1 && (letter === "K" || letter === "M"))
      this.#sink.thread(this.#pid, this.#tid, this.#task);
  }
}
