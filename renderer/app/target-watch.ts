import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { Contract } from "#core/contract.ts";
import type { Client } from "#core/rpc/client.ts";
import type { AppStore } from "./store/store.ts";

/** Follows the list of processes while it is on the screen, and only then: reading /proc costs. */
export function watchTargets(store: AppStore, client: Client<Contract>): Disposable {
  let stream: Disposable | null = null;
  const update = (): void => {
    const { connected, screen, setTargets, setTargetsProblem } = store.getState();
    const wanted = connected && screen === "targets";
    if (wanted === (stream !== null)) return;
    stream?.dispose();
    stream = wanted
      ? client.stream(
          "targets.watch",
          {},
          { item: ({ targets, hidden }) => setTargets(targets, hidden), problem: setTargetsProblem },
        )
      : null;
  };
  const unsubscribe = store.subscribe(update);
  update();
  return disposable(() => {
    unsubscribe();
    stream?.dispose();
  });
}
