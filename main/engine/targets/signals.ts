import { constants } from "node:os";
import { readProcText } from "./proc-files.ts";

/** Does a process catch a signal, or would it end of it? False where it is not there. */
export function catchesSignal(pid: number, signal: NodeJS.Signals): boolean {
  const status = readProcText(`/proc/${pid}/status`) ?? "";
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (caught === undefined) return false;
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}
