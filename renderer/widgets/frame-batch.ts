/** Runs the newest of many requests once before the next paint. */
export interface FrameBatch {
  readonly request: (work: () => void) => void;
  readonly dispose: () => void;
}

export function createFrameBatch(): FrameBatch {
  let waiting: (() => void) | null = null;
  let handle = 0;
  const run = () => {
    handle = 0;
    const work = waiting;
    waiting = null;
    work?.();
  };
  return {
    request: (work) => {
      waiting = work;
      if (handle === 0) handle = requestAnimationFrame(run);
    },
    dispose: () => {
      if (handle !== 0) cancelAnimationFrame(handle);
      handle = 0;
      waiting = null;
    },
  };
}
