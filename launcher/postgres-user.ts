// Which user PostgreSQL runs as. It refuses to be root, so root lends it another one; any other user runs it himself.
import fs from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.ts';

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Null when PostgreSQL runs as we do. */
export function serverUser(cluster: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = fs.statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }; // an earlier run made it: it stays theirs
  const user = lentUser(fs.readFileSync('/etc/passwd', 'utf8'));
  if (user) return user;
  throw new LaunchError(
    'PostgreSQL does not run as root and there is no user "postgres" or "nobody" to lend it: ' +
      'start as an ordinary user, or set MURMUR_DATABASE_URL to a PostgreSQL of your own',
  );
}

/** postgres, else nobody, else whoever has nobody's number. */
export function lentUser(passwd: string): ServerUser | null {
  const users = passwd
    .split('\n')
    .map(line => line.split(':'))
    .filter(fields => fields.length > 3);
  const found =
    users.find(([name]) => name === 'postgres') ??
    users.find(([name]) => name === 'nobody') ??
    users.find(([, , uid]) => uid === '65534');
  return found ? { uid: Number(found[2]), gid: Number(found[3]) } : null;
}

const READ_AND_ENTER = 0o5;
const ENTER = 0o1;

/** Whether the user may pass through every folder down to this one. Looks at mode bits only, not at ACLs. */
export function mayEnter(folder: string, user: ServerUser | null): boolean {
  if (!user) return true;
  for (let at = fs.realpathSync(folder); ; at = path.dirname(at)) {
    if (!allows(at, user, ENTER)) return false;
    if (at === path.dirname(at)) return true;
  }
}

export const mayRun = (file: string, user: ServerUser | null): boolean =>
  !user || (allows(file, user, READ_AND_ENTER) && mayEnter(path.dirname(file), user));

function allows(file: string, user: ServerUser, bits: number): boolean {
  const { uid, gid, mode } = fs.statSync(file);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}
