import { type Descriptor, untold } from "../../model/descriptors.ts";
import { internetName, unixName } from "./socket-names.ts";

/** What lsof says of one file, by the names of its columns. */
export interface LsofFile {
  readonly pid: number;
  /** FD without what follows the number: "3", "cwd", "mem". */
  readonly fd: string;
  /** "r", "w", "u", "". */
  readonly access: string;
  readonly lock: string;
  readonly type: string;
  /** "TCP" ...: of sockets of the internet. */
  readonly protocol: string;
  readonly name: string;
  /** "0t4096", "0x1000": where it stands. */
  readonly offset: string;
  /** Bytes, in digits; "". */
  readonly size: string;
  readonly inode: string;
  /** From the name, or from fields of their own. */
  readonly tcp: string;
  readonly more: Readonly<Record<string, string>>;
}

/** Runs of "\xc3\xb6", which lsof writes where its locale has no such letter; what is no text stays as it is. */
export const unescaped = (text: string): string =>
  text.replace(/(?:\\x[0-9a-f]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.slice(2).split("\\x"), (pair) => Number.parseInt(pair, 16));
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return run;
    }
  });

const kinds: Readonly<Record<string, Descriptor["kind"]>> = {
  REG: "file",
  VREG: "file",
  DIR: "folder",
  VDIR: "folder",
  CHR: "device",
  VCHR: "device",
  BLK: "device",
  VBLK: "device",
  FIFO: "pipe",
  PIPE: "pipe",
  IPV4: "socket",
  IPV6: "socket",
  INET: "socket",
  UNIX: "socket",
  SOCK: "socket",
  RAW: "socket",
  PACK: "socket",
  NETLINK: "socket",
};

/** Another user's, or gone: nothing is known of it but that. */
export const isHidden = ({ fd, name }: Pick<LsofFile, "fd" | "name">): boolean =>
  fd === "NOFD" || /\((?:readlink|opendir|stat|lstat)(?:\([^)]*\))?: [^)]+\)$/.test(name);

export function descriptorOfFile(file: LsofFile): Descriptor {
  const { pid, fd, access, lock, type, offset, size, inode } = file;
  const isNumber = /^\d{1,9}$/.test(fd);
  // A library that was replaced is said to be mapped by DEL alone.
  const kind = kinds[type.toUpperCase()] ?? "other";
  const more = Object.entries({ ...file.more, type, inode, lock, endpoint: endpointOf(file.name) }).filter(
    ([, value]) => value !== "",
  );
  return {
    ...untold,
    pid,
    fd: isNumber ? Number(fd) : -1,
    ...(isNumber ? {} : { slot: fd }),
    kind,
    access: { r: "r", w: "w", u: "rw" }[access] ?? "",
    position: kind === "file" && offset !== "" ? positionOf(offset) : -1,
    ...(size === "" ? {} : { sizeBytes: Number(size) }),
    ...namedOf(file, kind),
    more: Object.fromEntries(more),
  };
}

function positionOf(text: string): number {
  const value = text.startsWith("0t") ? Number(text.slice(2)) : Number.parseInt(text, 16);
  return Number.isSafeInteger(value) ? value : -1;
}

/** With -E: who has the other end, "16445,python3,9u". */
const endpointOf = (name: string): string =>
  / (\d+,[^,\s]+,\d+\w?(?: \d+,[^,\s]+,\d+\w?)*)(?= \(|$)/.exec(name)?.[1] ?? "";

type Named = Pick<Descriptor, "name"> &
  Partial<Pick<Descriptor, "peer" | "state" | "receiveQueue" | "sendQueue">>;

function namedOf({ type, protocol, name, inode, tcp }: LsofFile, kind: Descriptor["kind"]): Named {
  switch (type.toUpperCase()) {
    case "IPV4":
    case "IPV6":
    case "INET": {
      const { text, words } = statesOf(name, tcp);
      const [local = "", remote = ""] = (text.split(/\s/, 1)[0] ?? "").split("->");
      const number = (key: string): number =>
        Number(new RegExp(`\\b${key}=(\\d{1,15})`).exec(words)?.[1] ?? -1);
      const state = /(?:^|\s)(?:ST=)?([A-Z][A-Z_0-9]{2,})(?=\s|$)/.exec(words)?.[1] ?? "";
      return {
        ...internetName(protocol || type, local, remote),
        state,
        receiveQueue: number("QR"),
        sendQueue: number("QS"),
      };
    }
    case "UNIX": {
      const { text, words } = statesOf(name, tcp);
      const form = /\s*\btype=(\w+)/.exec(text)?.[1] ?? "";
      const path = text
        .replace(/\s*\btype=\w+/, "")
        .replace(/\s*->INO=.*$/, "")
        .trim();
      return { name: unixName(form, path), state: words.replace("ST=", "") };
    }
    case "SOCK":
      return { name: inode === "" ? name : `socket:[${inode}] ${name}` };
    case "A_INODE":
      return { name: `anon_inode:${name}` };
    default:
      return { name: kind === "pipe" && /^pipe\b/.test(name) && inode !== "" ? `pipe:[${inode}]` : name };
  }
}

/** "localhost:80 (LISTEN QR=0 QS=0)": what stands in brackets at the end. */
function statesOf(name: string, tcp: string): { readonly text: string; readonly words: string } {
  const [, text, words] = /^(.*?)\s*\(([A-Z][^()]*)\)$/.exec(name) ?? [];
  return text === undefined || words === undefined
    ? { text: name.trim(), words: tcp }
    : { text: text.trim(), words: `${words} ${tcp}`.trim() };
}
