// Starts a PostgreSQL of our own from the npm package, for one folder, on loopback, with a password. One server a folder:
// a second one is refused.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { damaged, LaunchError } from './launch-error.ts';
import { findBinaries } from './postgres-binaries.ts';
import { clusterExists, createCluster } from './postgres-cluster.ts';
import { forgetReusedPid, runningServer } from './postgres-pidfile.ts';
import { forgetElsewhere, isElsewhere, placeFor, prepareElsewhere } from './postgres-place.ts';
import { type ServerExit, startServer } from './postgres-server.ts';
import { serverUser } from './postgres-user.ts';

export interface EmbeddedPostgresOptions {
  /** PostgreSQL's folder; its password is kept beside it in `<folder>.password`. */
  readonly folder: string;
  /** Where the files are when not in the folder itself. */
  readonly place?: string;
  readonly port: number;
  /** Left out: made at the first start and kept. */
  readonly password?: string;
  /** False trades safety for speed: for tests. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
  /** Receives what the server says. */
  readonly log?: string;
}

export interface EmbeddedPostgres {
  /** As a superuser, to the database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly version: string;
  readonly pid: number;
  /** Where the files really are. */
  readonly place: string;
  /** Whether this start made the files. */
  readonly isNew: boolean;
  readonly exited: Promise<ServerExit>;
  stop(): Promise<void>;
  kill(): void;
}

const USER = 'murmur';

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { port, durable = true, maxConnections = 150, log: logFile } = options;
  const folder = path.resolve(options.folder);
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const place = options.place ?? placeFor(folder);
  const user = serverUser(place);
  const binaries = findBinaries(user);
  const isNew = !clusterExists(place, binaries.major);
  refuseSecond(place);
  const password = options.password ?? passwordOf(folder, isNew);
  if (isNew) {
    if (isElsewhere(folder, place)) prepareElsewhere(place);
    await createCluster({ place, binaries, user, password, durable });
  }
  forgetReusedPid(place);
  const server = await startServer({ program: binaries.postgres, place, port, user, durable, maxConnections, logFile });
  return { ...server, url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`, port, place, isNew };
}

/** Removes all that a stopped server left, wherever it was. */
export function removeEmbeddedPostgres(folder: string): void {
  const at = path.resolve(folder);
  forgetElsewhere(at);
  for (const file of [at, passwordFile(at)]) fs.rmSync(file, { recursive: true, force: true });
}

function refuseSecond(place: string): void {
  const pid = runningServer(place);
  if (pid !== null)
    throw new LaunchError(
      `PostgreSQL already runs on ${place} (pid ${pid}): stop it first, or use another folder with --data`,
    );
}

const passwordFile = (folder: string): string => `${folder}.password`;

/** Written before the files are made: a start that is killed in between finds its password again. */
function passwordOf(folder: string, isNew: boolean): string {
  const file = passwordFile(folder);
  const kept = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
  if (kept !== '') return kept;
  if (!isNew) throw damaged(path.dirname(folder), `the password of its database, ${path.basename(file)}, is missing`);
  const password = randomBytes(24).toString('base64url');
  fs.writeFileSync(file, password, { mode: 0o600 });
  return password;
}
