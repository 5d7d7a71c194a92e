import { parentPort, workerData } from "node:worker_threads";
import { serveComparisons } from "./compare-service.ts";
import { threadPort } from "./profile-port.ts";
import { serveProfile } from "./profile-service.ts";

/** Entry of a profile's thread, and of the one that compares them: one bundle, so that there is one file to find. */
if (parentPort) {
  const port = threadPort(parentPort);
  if (workerData === "compare") serveComparisons(port);
  else serveProfile(port);
}
