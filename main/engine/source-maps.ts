import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inlineSourceMap } from "#core/importers/shared/source-map.ts";

/** Larger scripts and maps are not looked at. */
const MAX_BYTES = 64 << 20;

/**
 * The source map of a script on this machine: the one that the script itself names in its last line, else FILE.map beside
 * it. What a profile names is only read as a script or a map: regular files, by nobody else's means, and none of the system's.
 */
export function findSourceMap(url: string): Uint8Array | null {
  const path = pathOf(url);
  if (path === null) return null;
  const script = readRegular(path);
  if (!script) return null;
  const address = mapAddress(script);
  if (address !== null) {
    const inline = inlineSourceMap(address);
    if (inline) return inline;
    const named = /^[a-z][a-z0-9+.-]*:/i.test(address)
      ? pathOf(address)
      : resolve(dirname(path), decoded(address));
    if (named !== null && /\.(map|json)$/.test(named)) {
      const map = readRegular(named);
      if (map) return map;
    }
  }
  return readRegular(`${path}.map`);
}

function pathOf(url: string): string | null {
  try {
    const path = url.startsWith("file:///") ? fileURLToPath(url.replace(/[?#].*$/s, "")) : url;
    return isAbsolute(path) && !/[\0\n]/.test(path) && !/^\/(proc|sys|dev)\//.test(resolve(path))
      ? resolve(path)
      : null;
  } catch {
    // No address of a file of this machine.
    return null;
  }
}

const decoded = (address: string): string => {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
};

const COMMENT = Buffer.from("sourceMappingURL=");

/** What stands after the last "//# sourceMappingURL=" of a script. */
function mapAddress(script: Buffer): string | null {
  const at = script.lastIndexOf(COMMENT);
  if (at < 4 || !/^[/*][/*][#@] $/.test(script.toString("latin1", at - 4, at))) return null;
  const start = at + COMMENT.length;
  const newline = script.indexOf(10, start);
  const address = script.toString("utf8", start, newline === -1 ? script.length : newline);
  return address.replace(/\s*(\*\/)?\s*$/, "") || null;
}

/** null where it is no readable regular file of bearable size. A pipe by that name is not waited for. */
function readRegular(path: string): Buffer | null {
  let file = -1;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const { size } = fstatSync(file);
    if (!fstatSync(file).isFile() || size > MAX_BYTES) return null;
    return readFileSync(file);
  } catch {
    // Profiles name scripts of other machines, and scripts that are gone: there is no map then.
    return null;
  } finally {
    if (file !== -1) closeSync(file);
  }
}
