import { expect, test } from "vitest";
import type { ElevationWay } from "#core/model/recording.ts";
import { elevationProblem } from "../../../../main/engine/exec/elevate-problems.ts";

/** Words as sudo 1.9.13 and pkexec 122 say them. */
const cases: readonly (readonly [ElevationWay, string, number, string])[] = [
  ["sudo", "sudo: 3 incorrect password attempts", 1, "wrong-password"],
  ["sudo", "Sorry, try again.\nsudo: maximum 3 incorrect authentication attempts", 1, "wrong-password"],
  ["sudo", "anna is not in the sudoers file.", 1, "not-in-sudoers"],
  ["sudo", "Sorry, user anna is not allowed to execute '/x' as root on vm.", 1, "not-in-sudoers"],
  ["sudo", "Sorry, user anna may not run sudo on vm.", 1, "not-in-sudoers"],
  ["sudo", "sudo: sorry, you must have a tty to run sudo", 1, "sudo-needs-tty"],
  [
    "sudo",
    "sudo: a terminal is required to read the password; either use the -S option to read from standard input",
    1,
    "sudo-needs-tty",
  ],
  ["sudo", "sudo: timed out reading password\nsudo: a password is required", 1, "prompt-timeout"],
  ["sudo", "sudo: a password is required", 1, "elevation-cancelled"],
  [
    "sudo",
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    1,
    "no-new-privileges",
  ],
  ["sudo", "sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set", 1, "elevation-broken"],
  ["sudo", "sudo: account validation failure, is your account locked?", 1, "account-refused"],
  ["sudo", "sudo: /x/flamewright-elevate: command not found", 1, "helper-unreachable"],
  [
    "sudo",
    "@refused tool-not-trusted /usr/local/bin/perf, or a folder above it, can be changed",
    64,
    "tool-not-trusted",
  ],
  ["sudo", "@refused tool-missing perf is not in /usr/bin", 64, "tool-missing"],
  ["sudo", "something new", 1, "elevation-failed"],
  ["pkexec", "Error executing command as another user: Request dismissed", 126, "elevation-cancelled"],
  ["pkexec", "", 126, "elevation-cancelled"],
  [
    "pkexec",
    "Error executing command as another user: No authentication agent found.",
    127,
    "no-polkit-agent",
  ],
  [
    "pkexec",
    "Error getting authority: Error initializing authority: Could not connect: No such file or directory",
    127,
    "no-polkit",
  ],
  [
    "pkexec",
    "Error executing command as another user: Not authorized\n\nThis incident has been reported.",
    127,
    "not-authorised",
  ],
];
test.each(cases)("%s: %s", (way, words, exitCode, code) => {
  const problem = elevationProblem(way, words, exitCode);
  expect(problem.code).toBe(code);
  expect(problem.fix).not.toBe("");
});
