import type { Contract, WatchedTable } from "#core/contract.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { RecordingState } from "#core/model/recording.ts";
import type { Client } from "#core/rpc/client.ts";

/** The first state that is as wished. */
export const stateWhere = (
  client: Client<Contract>,
  recordingId: string,
  wished: (state: RecordingState) => boolean,
): Promise<RecordingState> =>
  new Promise((resolve, reject) => {
    const watching = client.stream(
      "recording.watch",
      { recordingId },
      {
        item: (state) => {
          if (!wished(state)) return;
          watching.dispose();
          resolve(state);
        },
        end: () => reject(new Error("the recording ended otherwise")),
        problem: (problem) => reject(new Error(problem.message)),
      },
    );
  });

/** The first table that is as wished. */
export const itemWhere = (
  client: Client<Contract>,
  profileId: string,
  query: QueryInput,
  wished: (item: WatchedTable) => boolean,
): Promise<WatchedTable> =>
  new Promise((resolve, reject) => {
    const watching = client.stream(
      "profile.watch",
      { profileId, query },
      {
        item: (item) => {
          if (!wished(item)) return;
          watching.dispose();
          resolve(item);
        },
        problem: (problem) => reject(new Error(problem.message)),
      },
    );
  });
