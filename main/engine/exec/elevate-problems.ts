import { type Problem, problemOf } from "#core/base/result.ts";
import type { ElevationWay } from "#core/model/recording.ts";

/** What sudo, pkexec and our own helper say when there will be no elevated profiler, as problems. */

const withoutRoot = "Record a process of your own, or ask who administers this machine.";

type Known = readonly [pattern: RegExp, problem: Problem];

const sudoWords: readonly Known[] = [
  [
    /no new privileges/i,
    problemOf(
      "no-new-privileges",
      "Nothing that Flamewright starts may gain rights here: the “no new privileges” flag is set.",
      "Start Flamewright outside the sandbox or container that sets it, or clear the check that stands in the way.",
    ),
  ],
  [
    /is not in the sudoers file|is not allowed to (?:execute|run)|may not run sudo/i,
    problemOf(
      "not-in-sudoers",
      "This user may not use sudo for it.",
      `An administrator can add you to the group sudo or wheel. ${withoutRoot}`,
    ),
  ],
  [
    /you must have a tty|a terminal is required/i,
    problemOf(
      "sudo-needs-tty",
      "sudo wants a terminal that it does not accept from here.",
      "Run “flamewright record --elevate sudo” in a terminal, or have “requiretty” removed from the sudoers file.",
    ),
  ],
  [
    /\d+ incorrect password attempts?|maximum \d+ incorrect/i,
    problemOf(
      "wrong-password",
      "The password was not accepted.",
      "Start the recording again; sudo asks for your own password, not root's, unless it is set up otherwise.",
    ),
  ],
  [
    /timed out reading password|timeout reading password/i,
    problemOf("prompt-timeout", "Nobody answered sudo's prompt in time.", "Start the recording again."),
  ],
  [
    /account validation failure|account (?:is )?(?:locked|expired)|account or password is expired|password (?:has )?expired|is required to change/i,
    problemOf(
      "account-refused",
      "sudo does not accept this account: it is locked, or its password has expired.",
      "Run “sudo true” in a terminal: it says what it wants.",
    ),
  ],
  [
    /must be owned by uid 0 and have the setuid bit|effective uid is not 0|must be setuid root/i,
    problemOf(
      "elevation-broken",
      "The program that would give root's rights is not set up: it lacks its setuid bit, or lies on a file system without it.",
      "Reinstall it, or record outside the container.",
    ),
  ],
  [
    /a password is required|no password was provided|unable to read password/i,
    problemOf(
      "elevation-cancelled",
      "The password was not given.",
      "Start the recording again when you have it.",
    ),
  ],
  [
    /command not found|unable to execute|no such file or directory/i,
    problemOf(
      "helper-unreachable",
      "Root cannot start Flamewright's helper.",
      "Install Flamewright in a folder that root can read, for example from its package.",
    ),
  ],
];

const pkexecWords: readonly Known[] = [
  [
    /request dismissed|dismissed/i,
    problemOf(
      "elevation-cancelled",
      "The dialog was dismissed.",
      "Start the recording again when you want it.",
    ),
  ],
  [
    /no authentication agent|error creating textual|no session for cookie|no session/i,
    problemOf(
      "no-polkit-agent",
      "No polkit agent runs in this session: nobody could ask for the password.",
      "Use sudo: flamewright record --elevate sudo",
    ),
  ],
  [
    /error getting authority|could not connect/i,
    problemOf(
      "no-polkit",
      "polkit cannot be reached: the system bus or polkitd does not run.",
      "Use sudo: flamewright record --elevate sudo",
    ),
  ],
  [
    /not authori[sz]ed/i,
    problemOf(
      "not-authorised",
      "polkit did not authorise it: the password was wrong, or this user may not.",
      `Start the recording again. ${withoutRoot}`,
    ),
  ],
];

/** Codes of the helper's own refusals, "@refused CODE WORDS". */
const refusal = /^@refused ([a-z-]+) (.*)$/m;

const refusalFixes: Readonly<Record<string, string>> = {
  "tool-not-trusted":
    "Only tools that belong to root are run as root: install it from a package, or have root own it (chown root:root, chmod go-w).",
  "tool-missing": "Install it for the whole machine: what lies in a home folder is never run as root.",
  "elevate-refused": "Record with the default options, or without root's rights.",
};

/** Why there was no elevated profiler; `words` is everything that was said. */
export function elevationProblem(way: ElevationWay, words: string, exitCode: number): Problem {
  const detail = words.trim();
  const refused = refusal.exec(words);
  if (refused !== null) {
    const [, code = "", text = ""] = refused;
    const message = `The helper that would run as root refused: ${text}.`;
    return problemOf(code, message, refusalFixes[code] ?? withoutRoot);
  }
  const known = way === "sudo" ? sudoWords : pkexecWords;
  const found = known.find(([pattern]) => pattern.test(words))?.[1];
  if (found !== undefined) return detail === "" ? found : { ...found, detail };
  if (way === "pkexec" && exitCode === 126) return pkexecWords[0]?.[1] ?? cancelled;
  return problemOf(
    "elevation-failed",
    `${way} ended with exit code ${exitCode} before the profiler began.`,
    "Its own words are in the log.",
    detail === "" ? undefined : detail,
  );
}

export const cancelled = problemOf(
  "elevation-cancelled",
  "The prompt for the password was cancelled.",
  "Nothing was started as root. Start the recording again when you want it.",
);

export const noTerminal = problemOf(
  "no-terminal",
  "sudo asks for a password, and there is no terminal to ask on.",
  "Run it in a terminal, or allow this one command without a password (NOPASSWD) in the sudoers file.",
);

export const missingWay: Readonly<Record<ElevationWay, Problem>> = {
  sudo: problemOf(
    "no-sudo",
    "There is no sudo that belongs to root on PATH.",
    "Use --elevate pkexec on a desktop, install sudo, or clear the check that stands in the way.",
  ),
  pkexec: problemOf(
    "no-pkexec",
    "There is no pkexec that belongs to root on PATH.",
    "Use --elevate sudo, install polkit's pkexec, or clear the check that stands in the way.",
  ),
};

export const helperUnsafe = (path: string): Problem =>
  problemOf(
    "helper-unsafe",
    `${path} could be changed by others than you and root, so it is not run as root.`,
    "Install Flamewright in a folder that only you or root can write to.",
  );

export const notElevatable = (title: string): Problem =>
  problemOf(
    "not-elevatable",
    `${title} cannot be run with root's rights from here.`,
    "Record with perf, which can, or run Flamewright as the target's user.",
  );
