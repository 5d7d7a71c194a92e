import type { RecordRequest } from "../../model/recording.ts";
import type { Check, Host } from "../profiler.ts";
import { checkDisk, checkKind, checkLaunch } from "./checks.ts";
import { pythonWords } from "./python-command.ts";
import { baseName } from "./words.ts";

/** Of a profiler that only launches, and is in the program from its start. */
export const launchChecks = async (
  host: Host,
  request: RecordRequest,
  title: string,
  cost: Check,
): Promise<readonly Check[]> => [
  ...checkKind(request, ["launch"], title),
  ...(await checkLaunch(host, request)),
  cost,
  await checkDisk(host),
];

/** The same, of one that runs a script of Python in its own way. */
export const pythonLaunchChecks = async (
  host: Host,
  request: RecordRequest,
  title: string,
  cost: Check,
): Promise<readonly Check[]> => [
  ...notAScript(request, title),
  ...(await launchChecks(host, request, title, cost)),
];

export function notAScript({ target }: RecordRequest, title: string): readonly Check[] {
  if (target.kind !== "launch" || pythonWords(target) !== null) return [];
  return [
    {
      id: "not-a-python-script",
      title: "The script",
      status: "fail",
      found: `${baseName(target.argv[0] ?? "")} is not python with a script or a module.`,
      prevents: `${title} runs scripts (python script.py) and modules (python -m module).`,
      fix: "Put the interpreter in front: python3 SCRIPT.",
      consequence: "",
    },
  ];
}
