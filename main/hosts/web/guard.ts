import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may talk to the web host: whoever has the token, from a page that this host served, and nobody else. */
export interface Guard {
  /** Goes into the printed address, once. */
  readonly token: string;
  /** What a browser that came with the token is given to keep. */
  readonly cookie: string;
  /** Is the request for this machine by name? A name of somebody else's that leads here (DNS rebinding) is not. */
  knowsHost(request: IncomingMessage): boolean;
  hasToken(token: string): boolean;
  /** A token that lets one browser in, soon. */
  tokenForOnce(): string;
  hasCookie(request: IncomingMessage): boolean;
  /** Browsers say with every socket which page opens it. */
  isOwnOrigin(request: IncomingMessage): boolean;
}

const ONCE_MS = 120_000;

const secret = (): string => randomBytes(32).toString("base64url");

/** Takes the same time whatever the difference, and whatever the length. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

export function createGuard(port: number): Guard {
  const token = secret();
  const session = secret();
  // Browsers keep one jar for all ports of a host: the port in the name keeps two workbenches apart.
  const cookieName = `flamewright-${port}`;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];

  const knowsHost = (request: IncomingMessage): boolean => hosts.includes(request.headers.host ?? "");

  const forOnce = new Map<string, number>();
  /** All are looked at, so that the time tells nothing. */
  const spend = (given: string): boolean => {
    let found = false;
    for (const [each, endsAtMs] of [...forOnce]) {
      const same = equal(given, each);
      if (same || performance.now() > endsAtMs) forOnce.delete(each);
      found ||= same && performance.now() <= endsAtMs;
    }
    return found;
  };

  return {
    token,
    cookie: `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`,
    knowsHost,
    hasToken: (given) => {
      const spent = spend(given);
      return equal(given, token) || spent;
    },
    tokenForOnce: () => {
      const once = secret();
      forOnce.set(once, performance.now() + ONCE_MS);
      return once;
    },
    hasCookie: (request) =>
      (request.headers.cookie ?? "").split(";").some((pair) => {
        const at = pair.indexOf("=");
        return pair.slice(0, at).trim() === cookieName && equal(pair.slice(at + 1).trim(), session);
      }),
    isOwnOrigin: (request) =>
      knowsHost(request) && request.headers.origin === `http://${request.headers.host ?? ""}`,
  };
}
