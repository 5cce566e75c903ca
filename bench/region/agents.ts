// Many hosts of one region, an agent each, as real regions have them: 200 agents beat, sample and report on their own.
// `agents.ts <door> <count>`; says `started` to its parent once all have been accepted.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Agent } from 'undici';
import { systemClock } from '../../agent/clock.ts';
import { createDoor } from '../../agent/door-client.ts';
import type { HostSource } from '../../agent/host-source.ts';
import { openEventQueue } from '../../agent/queue/queue-folder.ts';
import type { HostReport } from '../../agent/report.ts';
import { startReporter } from '../../agent/reporter.ts';
import { createSimulatedSource } from '../../agent/simulated/simulated-source.ts';
import { loadConfig } from '../../runtime/config.ts';

const [door = '', count = '200'] = process.argv.slice(2);
const region = new URL(door).pathname.slice(1);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-bench-agents-'));
const log = pino({ level: 'silent' });
const dispatcher = new Agent({ connections: 64 });
const config = loadConfig({ env: {}, flags: { data: folder } });

/** One host of a simulated region of its own, under a name that no other host has. */
async function oneHost(n: number): Promise<HostSource> {
  const source = createSimulatedSource({ region: `bench-${n}`, seed: 1, bootMs: 1_000, now: systemClock.now });
  const [{ hostname: plain, identity }] = (await source.discover()) as [HostReport, ...HostReport[]];
  const hostname = `host-${n}`;
  const mine = (host: { identity: string }): boolean => host.identity === identity;
  return {
    ...source,
    discover: async () =>
      (await source.discover()).filter(mine).map(host => ({ ...host, hostname, personality: 'WORKER' })),
    vitals: async () => (await source.vitals()).filter(mine),
    usage: async () => (await source.usage()).filter(s => s.hostname === plain).map(s => ({ ...s, hostname })),
    software: async () => (await source.software()).filter(mine),
    standingAlarms: () => [],
    startEvents: () => [],
    events: () => [],
  };
}

const reporters = await Promise.all(
  Array.from({ length: Number(count) }, async (_, n) => {
    const deadlineMs = 5_000;
    return startReporter({
      region,
      source: await oneHost(n),
      door: createDoor({ region, url: door, headers: {}, dispatcher, clock: systemClock, deadlineMs }),
      queue: openEventQueue({ ...config, data: path.join(folder, String(n)) }, region, true, log),
      clock: systemClock,
      random: Math.random,
      log,
      intervals: config.agent,
    });
  }),
);
await Promise.all(reporters.map(reporter => reporter.started));
process.send?.('started');
process.on('SIGTERM', () => {
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
