import { parentPort } from "node:worker_threads";
import { threadPort } from "./profile-port.ts";
import { serveProfile } from "./profile-service.ts";

/** Entry of a profile's thread. */
if (parentPort) serveProfile(threadPort(parentPort));
