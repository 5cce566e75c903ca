// One embedded PostgreSQL for the whole run, fast and not durable. Test files tell each other apart by database prefix.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../launcher/embedded-postgres.ts';
import { freePort } from './free-ports.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Any database of the server, as a superuser. */
    databaseUrl: string;
    /** Of parts that are given no data folder of their own; removed after the run. */
    dataFolder: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-test-'));
  fs.chmodSync(folder, 0o711); // as root the server runs as another user, who must get through
  const server = await startEmbeddedPostgres({
    folder: path.join(folder, 'postgres'),
    port: await freePort(),
    durable: false,
    maxConnections: 400,
  });
  project.provide('databaseUrl', server.url);
  project.provide('dataFolder', path.join(folder, 'data'));
  return async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}
