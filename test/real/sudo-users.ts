import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A user of this machine that a test made. */
export interface SudoUser {
  readonly name: string;
  readonly uid: number;
  readonly password: string;
  /** Only this user may enter it. */
  readonly home: string;
  remove(): void;
}

/**
 * Makes a user and says what sudo lets them do: lines of a sudoers file without the name, as "ALL=(root) ALL"; none for
 * a user that sudo does not know. `defaults`: "requiretty".
 */
export function makeSudoUser(rules: readonly string[], defaults: readonly string[] = []): SudoUser {
  const name = `fwtest${randomBytes(3).toString("hex")}`;
  const password = `pw-${randomBytes(9).toString("hex")}`;
  const home = mkdtempSync(join(tmpdir(), "flamewright-user-"));
  const sudoers = `/etc/sudoers.d/${name}`;
  const remove = (): void => {
    rmSync(sudoers, { force: true });
    execFileSync("userdel", [name], { stdio: "ignore" });
    rmSync(home, { recursive: true, force: true });
  };
  execFileSync("useradd", ["--no-create-home", "--home-dir", home, "--shell", "/bin/sh", name]);
  try {
    const uid = Number(execFileSync("id", ["-u", name], { encoding: "utf8" }));
    const gid = Number(execFileSync("id", ["-g", name], { encoding: "utf8" }));
    execFileSync("chpasswd", [], { input: `${name}:${password}\n` });
    chownSync(home, uid, gid);
    chmodSync(home, 0o700);
    if (rules.length > 0) {
      // Checked where sudo does not look, so that a mistake cannot lock anybody out.
      const draft = join(tmpdir(), `${name}.sudoers`);
      const lines = [
        ...defaults.map((word) => `Defaults:${name} ${word}`),
        ...rules.map((rule) => `${name} ${rule}`),
      ];
      writeFileSync(draft, `${lines.join("\n")}\n`, { mode: 0o440 });
      try {
        execFileSync("visudo", ["-c", "-q", "-f", draft]);
        mkdirSync("/etc/sudoers.d", { recursive: true });
        execFileSync("install", ["-m", "440", "-o", "root", "-g", "root", draft, sudoers]);
      } finally {
        rmSync(draft, { force: true });
      }
    }
    return { name, uid, password, home, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The words before a command that make it this user's own, with nothing of our environment but what is given. */
export const asUser = (user: SudoUser, env: Readonly<Record<string, string>>): readonly string[] => [
  "setpriv",
  "--reuid",
  user.name,
  "--regid",
  user.name,
  "--clear-groups",
  "--",
  "env",
  "-i",
  ...Object.entries({ PATH: "/usr/bin:/bin", HOME: user.home, USER: user.name, ...env }).map(
    ([name, value]) => `${name}=${value}`,
  ),
];

/** Every file below a folder. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
