import { takesDescriptor } from "../../model/syscall-arguments.ts";

/** What a call was made on: its file, or the other end of its socket; "" where the recorder does not say. */
export interface CallTarget {
  readonly file: string;
  readonly peer: string;
}

export const noTarget: CallTarget = { file: "", peer: "" };

/** What the arguments and the result of a call say. */
export interface CallWords {
  readonly call: string;
  readonly target: CallTarget;
  /** That it was made on, where the recorder gives its number alone; -1. */
  readonly descriptor: number;
  /** That it opened; -1. */
  readonly opened: number;
  readonly closes: boolean;
  /** What a read or write moved; 0 for others. */
  readonly bytes: number;
}

export const noWords = (call: string): CallWords => ({
  call,
  target: noTarget,
  descriptor: -1,
  opened: -1,
  closes: false,
  bytes: 0,
});

const moves = /^(?:p?read|p?write|recv|send|copy_file_range|splice|getdents)/;
const opens =
  /^(?:open|openat|openat2|creat|socket|accept4?|dup[23]?|eventfd2?|epoll_create1?|memfd_create|pidfd_open)$/;

/** Of the JSON that importers keep with a call. */
export function readCall(json: string, call: string): CallWords {
  const plain = plainName(call);
  const { args = "", result: text = "", library = false } = parsed(json);
  const result = Number(/^-?\d+/.exec(text)?.[0] ?? Number.NaN);
  // "3</srv/data.db>" says what it is by itself.
  const isBare = /^\d+(?:$| )/.test(text);
  const descriptor = takesDescriptor(plain) ? /^(?:fd: |dfd: )?(\d{1,7})(?=,|$)/.exec(args)?.[1] : undefined;
  return {
    call,
    target: descriptor === undefined && (!library || takesPath.test(plain)) ? targetOf(args) : noTarget,
    descriptor: descriptor === undefined ? -1 : Number(descriptor),
    opened: isBare && result >= 0 && opens.test(plain) ? result : -1,
    closes: plain === "close",
    bytes: moves.test(plain) && result > 0 ? result : 0,
  };
}

/** ltrace writes "SYS_read" of system calls. */
const plainName = (call: string): string => call.replace(/^SYS_/, "");

/** Functions of libraries take texts of any kind: these take a path. */
const takesPath =
  /^(?:f?open\w*|freopen\w*|creat\w*|l?stat\w*|__l?xstat\w*|access|unlink\w*|remove|rename\w*|mk(?:dir|fifo|nod)\w*|rmdir|(?:open|scan)dir\w*|readlink\w*|realpath|chdir|l?ch(?:mod|own)|truncate\w*|dlopen|exec[vl]\w*|(?:sym)?link\w*|utime\w*)$/;

interface Said {
  readonly args?: string;
  readonly result?: string;
  readonly library?: boolean;
}

function parsed(json: string): Said {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    // An importer of another version may have written something else.
    return {};
  }
}

/**
 * The file or the peer of a call, as strace -y(y) and perf trace name them in its arguments:
 *
 *     3</srv/data.db>, "x"..., 4096      5<TCP:[127.0.0.1:5000->127.0.0.1:80]>      fd: 3</tmp/x>      AT_FDCWD, "/etc/hosts"
 */
function targetOf(args: string): CallTarget {
  const head = args.slice(0, 2000);
  const described = /^(?:fd: |dfd: )?-?\d+<((?:[^>]|(?<=-)>)*)>/.exec(head)?.[1];
  if (described !== undefined) {
    const socket = /^(?:TCP|UDP|TCPv6|UDPv6|UNIX(?:-STREAM|-DGRAM)?|NETLINK|socket)\b/.test(described);
    if (!socket) return { file: described, peer: "" };
    const address = /->([^\]]+)\]?/.exec(described)?.[1];
    return { file: "", peer: address ?? described };
  }
  const path =
    /^(?:(?:AT_FDCWD(?:<[^>]*>)?|dfd: CWD|-?\d+), )?(?:filename: |pathname: )?"((?:[^"\\]|\\.)*)"/.exec(
      head,
    )?.[1];
  if (path?.startsWith("/")) return { file: path, peer: "" };
  const address = /sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|"([^"]+)", &sin6_addr)/.exec(head);
  if (address) return { file: "", peer: `${address[2] ?? address[3] ?? ""}:${address[1]}` };
  return path === undefined ? noTarget : { file: path, peer: "" };
}

/** They wait for whatever comes next, and are slow by nature. */
export const isWaitingCall = (call: string): boolean =>
  /^(?:futex|(?:clock_)?nanosleep|e?poll\w*|p?select\d*|epoll_p?wait2?|pause|rt_sig\w+|wait4|waitid|io_getevents|restart_syscall|usleep|sleep|pthread_join|(?:SYS_)?wait\w*)$/.test(
    plainName(call),
  );
