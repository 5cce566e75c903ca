// Who is logged in at a simulated BMC: tokens that end when they are not used, and few of them.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface BoardSessions {
  /** Null for a wrong user or password; `FULL` when it has no session left. */
  open(username: unknown, password: unknown): { readonly id: string; readonly token: string } | null | 'FULL';
  isOpen(headers: IncomingHttpHeaders): boolean;
  end(id: string): boolean;
  endAll(): void;
  readonly size: number;
}

const MOST = 8;

export function boardSessions(
  { username, password }: { readonly username: string; readonly password: string },
  idleMs: number,
  now: () => number,
): BoardSessions {
  const byToken = new Map<string, { readonly id: string; usedAt: number }>();
  let made = 0;
  const sweep = (): void => {
    for (const [token, { usedAt }] of byToken) if (now() - usedAt > idleMs) byToken.delete(token);
  };
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return {
    open: (user, secret) => {
      if (user !== username || secret !== password) return null;
      sweep();
      if (byToken.size >= MOST) return 'FULL';
      const session = { id: String(++made), token: randomBytes(16).toString('hex') };
      byToken.set(session.token, { id: session.id, usedAt: now() });
      return session;
    },
    isOpen: headers => {
      if (headers.authorization === basic) return true;
      sweep();
      const session = byToken.get(String(headers['x-auth-token']));
      if (session) session.usedAt = now();
      return session !== undefined;
    },
    end: id => {
      const found = [...byToken].find(([, session]) => session.id === id);
      return found !== undefined && byToken.delete(found[0]);
    },
    endAll: () => byToken.clear(),
    get size() {
      return byToken.size;
    },
  };
}
