import { type ComponentType, useEffect, useState } from "react";
import { EmptyState } from "../widgets/empty-state.tsx";

const parts: (() => Promise<unknown>)[] = [];

/**
 * A part of the page that is a file of its own, fetched when it is first shown: what the page begins with is one task of
 * its thread. Not React's `lazy`, which waits for a tick where the part is there already, and up to 300 ms where it comes.
 */
export function onDemand<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let made: ComponentType<P> | null = null;
  const fetchPart = async (): Promise<ComponentType<P>> => {
    made ??= await load();
    return made;
  };
  parts.push(fetchPart);
  return function OnDemand(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => made);
    const [isMissing, setMissing] = useState(false);
    useEffect(() => {
      if (Part !== null) return;
      fetchPart().then(
        (part) => setPart(() => part),
        () => setMissing(true),
      );
    }, [Part]);
    if (isMissing) {
      return (
        <EmptyState icon="fail" title="This part of the page could not be fetched">
          Reload the page. Recordings go on meanwhile, and are kept.
        </EmptyState>
      );
    }
    return Part === null ? null : <Part {...props} />;
  };
}

const atLeisure = (): Promise<unknown> =>
  new Promise((resolve) => requestIdleCallback(resolve, { timeout: 10_000 }));

/** What is opened first has the machine for itself so long: fetching takes a processor from the thread that reads it. */
const restAfterMs = 5_000;

/** Fetches what has not been shown yet, one after the other, while there is nothing else to do. */
export async function fetchTheRest(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, restAfterMs));
  for (const fetchPart of parts) {
    await atLeisure();
    // Who shows it then is told that it is missing.
    await fetchPart().catch(() => undefined);
  }
}
