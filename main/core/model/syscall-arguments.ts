/**
 * What the arguments of a system call are, as far as it matters to who reads them: which are descriptors, numbers and
 * places in memory. f descriptor, d folder's descriptor, n number, p pointer, x flags.
 */
const kinds: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "fpn: read write getdents getdents64 bind connect",
    "fpnn: pread64 pwrite64",
    "fpn: readv writev",
    "fpnn: preadv pwritev",
    "fpnx: recvfrom sendto",
    "fpx: recvmsg sendmsg accept ioctl",
    "fppx: accept4",
    "fpnx: recvmmsg sendmmsg",
    "f: close fsync fdatasync syncfs dup fchdir",
    "fp: fstat fstatfs",
    "ffx: dup2 dup3",
    "fnx: lseek fcntl fchmod flock listen shutdown",
    "fn: ftruncate",
    "fxnn: fallocate",
    "fnnx: fadvise64 setsockopt getsockopt",
    "fpfpnx: copy_file_range splice",
    "ffpn: sendfile",
    "fpnn: epoll_wait epoll_pwait",
    "fxfp: epoll_ctl",
    "px: open stat lstat access",
    "dpx: openat mkdirat unlinkat readlinkat faccessat faccessat2",
    "dppx: newfstatat statx",
    "pnxxfn: mmap",
    "pn: munmap",
    "pnx: mprotect madvise",
    "p: brk unlink mkdir rmdir chdir",
    "pxn: futex poll",
    "xxx: socket",
    "pp: nanosleep rename",
    "xxpp: clock_nanosleep",
    "n: exit exit_group",
  ].flatMap((line) => {
    const [kind = "", names = ""] = line.split(": ");
    return names.split(" ").map((name) => [name, kind]);
  }),
);

const AT_FDCWD = -100;

/** `args`: as "0x7f00" or decimal; "3, 0x7ffd1000, 4096". Of calls that are not known all of them, in hex. */
export function argumentWords(name: string, args: readonly string[]): string {
  const kind = kinds[name];
  if (kind === undefined) return args.map(hexOf).join(", ");
  return [...kind]
    .flatMap((each, i) => {
      const arg = args[i];
      return arg === undefined ? [] : [wordOf(each, arg)];
    })
    .join(", ");
}

function wordOf(kind: string, arg: string): string {
  if (kind === "p" || kind === "x") return hexOf(arg);
  const value = BigInt(arg);
  if (kind === "n") return String(BigInt.asIntN(64, value));
  const descriptor = Number(BigInt.asIntN(32, value));
  return kind === "d" && descriptor === AT_FDCWD ? "AT_FDCWD" : String(descriptor);
}

const hexOf = (arg: string): string => (arg.startsWith("0x") ? arg : `0x${BigInt(arg).toString(16)}`);

/** Calls whose first argument is a descriptor. */
export const takesDescriptor = (name: string): boolean => /^[fd]/.test(kinds[name] ?? "");
