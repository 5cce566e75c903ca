// Settings for a test: the defaults, the run's PostgreSQL, databases and a data folder of the test file's own, quiet logs.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pino } from 'pino';
import { inject } from 'vitest';
import { type Config, type ConfigInput, loadConfig } from '../../runtime/config.ts';

/** New for every call: no two test files share a database. */
export const uniquePrefix = (): string => `t${randomBytes(5).toString('hex')}`;

export function testConfig(overrides: ConfigInput = {}): Config {
  const prefix = overrides.database?.prefix ?? uniquePrefix();
  const database = { url: inject('databaseUrl'), poolSize: 3, ...overrides.database, prefix };
  const data = path.join(inject('dataFolder'), prefix);
  const thresholds = { onDelayMs: 0, offDelayMs: 0, ...overrides.thresholds }; // a sample has its effect at once
  const workloads = { simulated: false, ...overrides.workloads }; // a test says itself what runs on its hosts
  const heartbeat = { degradeAfterMissed: 1_000, failAfterMissed: 1_000, ...overrides.inventory?.heartbeat }; // few tests beat
  const inventory = { ...overrides.inventory, heartbeat };
  return loadConfig({ env: {}, flags: { data, ...overrides, database, thresholds, inventory, workloads } });
}

export const quiet = pino({ level: 'silent' });
