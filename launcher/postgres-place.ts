// Where PostgreSQL's files are. Beside the rest of the data, unless the user that PostgreSQL runs as may not go there
// (a clone under /root): then in /var/tmp, which outlives a reboot.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.ts';
import { mayEnter, serverUser } from './postgres-user.ts';

/** Where the files for this folder belong; the folder's parent has to exist. */
export function placeFor(folder: string): string {
  const user = serverUser(folder);
  return mayEnter(path.dirname(folder), user) ? folder : path.join(elsewhere(folder), 'postgres');
}

export const isElsewhere = (folder: string, place: string): boolean => path.resolve(folder) !== path.resolve(place);

/** Named after the data folder, so that each finds its own again. */
export function elsewhere(folder: string): string {
  const hash = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 16);
  return path.join('/var/tmp', `murmuration-${hash}`);
}

/** Makes the folder that holds the files. Anyone may write to /var/tmp: one that another user put there is refused. */
export function prepareElsewhere(place: string): void {
  const holder = path.dirname(place);
  if (!fs.existsSync(holder)) fs.mkdirSync(holder, { mode: 0o711 });
  const found = fs.lstatSync(holder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new LaunchError(`${holder} was made by somebody else: remove it, or choose another data folder with --data`);
  fs.chmodSync(holder, 0o711); // whatever the umask was
}

/** Removes what was kept elsewhere for this folder. */
export function forgetElsewhere(folder: string): void {
  if (process.getuid?.() === 0) fs.rmSync(elsewhere(folder), { recursive: true, force: true });
}
