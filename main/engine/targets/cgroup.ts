/**
 * Short name of what a process runs in, from /proc/PID/cgroup: a container ("docker 3f2a91c0de44") or a systemd unit
 * ("nginx.service"); "" for a login session or the root group.
 */
export function containerOf(cgroup: string): string {
  let unit = "";
  for (const line of cgroup.split("\n")) {
    const path = line.slice(line.indexOf(":", line.indexOf(":") + 1) + 1);
    const container = containerName(path);
    if (container !== "") return container;
    if (unit === "") unit = unitName(path);
  }
  return unit;
}

const engines: readonly (readonly [RegExp, string])[] = [
  [/kubepods.*?([0-9a-f]{64})/, "k8s"],
  [/(?:docker[-/]|\/docker\/)([0-9a-f]{64})/, "docker"],
  [/libpod-(?:conmon-)?([0-9a-f]{64})/, "podman"],
  [/(?:cri-containerd|crio)[-:]([0-9a-f]{64})/, "cri"],
];

function containerName(path: string): string {
  for (const [pattern, engine] of engines) {
    const id = pattern.exec(path)?.[1];
    if (id !== undefined) return `${engine} ${id.slice(0, 12)}`;
  }
  const lxc = /\/lxc(?:\.payload)?[./]([^/]+)/.exec(path)?.[1];
  if (lxc !== undefined) return `lxc ${lxc}`;
  const machine = /machine-([^/]+)\.scope/.exec(path)?.[1];
  return machine === undefined ? "" : `machine ${unescapeUnit(machine)}`;
}

function unitName(path: string): string {
  const parts = path.split("/");
  const unit = parts.findLast((part) => /\.(service|scope)$/.test(part)) ?? "";
  if (/^(session-.*|init)\.scope$/.test(unit) || /^user@\d+\.service$/.test(unit)) return "";
  return unescapeUnit(unit);
}

/** systemd writes "-" in names as "\x2d". */
const unescapeUnit = (name: string): string =>
  name.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
