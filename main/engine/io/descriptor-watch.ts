import { type Disposable, disposable } from "#core/base/disposable.ts";
import { changesOf, type Descriptor } from "#core/model/descriptors.ts";
import { readDescriptors } from "./descriptors.ts";

const intervalMs = 250;
/** It takes no more than this share of a core. */
const costShare = 0.01;

interface WatchOptions {
  readonly pid: number;
  /** What a descriptor is from now on. */
  changed(descriptor: Descriptor): void;
}

/** Tells of every descriptor what it is, when it is first seen and when it is another or closed; not what it moves. */
export function watchDescriptors({ pid, changed }: WatchOptions): Disposable {
  const tell = changesOf(changed, identityOf);
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const startedMs = performance.now();
    const now = readDescriptors(pid);
    if (now === null) return;
    tell(now);
    const costMs = performance.now() - startedMs;
    timer = setTimeout(look, Math.max(intervalMs, costMs / costShare));
  };
  look();
  return disposable(() => clearTimeout(timer));
}

const identityOf = ({ kind, name, peer }: Descriptor): string => `${kind} ${name} ${peer}`;
