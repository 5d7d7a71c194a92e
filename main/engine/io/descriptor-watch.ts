import { type Disposable, disposable } from "#core/base/disposable.ts";
import { type Descriptor, descriptorArgs } from "#core/model/descriptors.ts";
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

/** Calls `changed` for what differs from the last time; what is gone is "closed". */
export function changesOf(
  changed: (descriptor: Descriptor) => void,
  identity: (descriptor: Descriptor) => string = descriptorArgs,
): (now: readonly Descriptor[]) => void {
  let known = new Map<number, { readonly is: string; readonly descriptor: Descriptor }>();
  return (now) => {
    const next: typeof known = new Map();
    for (const descriptor of now) {
      const is = identity(descriptor);
      next.set(descriptor.fd, { is, descriptor });
      if (known.get(descriptor.fd)?.is !== is) changed(descriptor);
    }
    for (const [fd, { descriptor }] of known)
      if (!next.has(fd)) changed({ ...descriptor, kind: "closed", state: "" });
    known = next;
  };
}
