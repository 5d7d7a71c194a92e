/**
 * The file or the peer of a call, as strace -y(y) and perf trace name them in its arguments:
 *
 *     3</srv/data.db>, "x"..., 4096      5<TCP:[127.0.0.1:5000->127.0.0.1:80]>      fd: 3</tmp/x>      AT_FDCWD, "/etc/hosts"
 */
export function peerOf(args: string): { readonly file: string; readonly peer: string } {
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
  return { file: path ?? "", peer: "" };
}
