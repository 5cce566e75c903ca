// The commands that run one part of the stack until it is told to stop. They know each part's start function, nothing more.

import type { Logger } from '../../runtime/log.ts';
import { openLog } from '../../runtime/log.ts';
import { type Part, runPart } from '../../runtime/part.ts';
import { type SettingFlags, settings, settingsWithDatabase } from './settings.ts';

export async function runFleet(flags: SettingFlags): Promise<void> {
  const config = settingsWithDatabase(flags);
  const log = openLog(config, { part: 'fleet' });
  await run(log, async () => (await import('../../subgraphs/central/fleet/main.ts')).startFleet({ config, log }));
}

export async function runGateway(flags: SettingFlags): Promise<void> {
  const config = settings(flags);
  const log = openLog(config, { part: 'gateway' });
  await run(log, async () => (await import('../../gateway/main.ts')).startGateway({ config, log }));
}

export async function runRegions(regions: readonly string[], flags: SettingFlags): Promise<void> {
  const config = settingsWithDatabase(flags);
  const log = openLog(config, { part: 'region', regions });
  await run(log, async () => (await import('../../subgraphs/edge/main.ts')).startRegions({ config, log, regions }));
}

export async function runAgent(
  regions: readonly string[],
  flags: SettingFlags & { simulated?: boolean },
): Promise<void> {
  const config = settings(flags);
  const log = openLog(config, { part: 'agent', regions });
  const simulated = flags.simulated ?? false;
  await run(log, async signal =>
    (await import('../../agent/main.ts')).startAgent({ config, log, regions, simulated, signal }),
  );
}

/** A launcher that was killed while this process was still loading is gone unheard: nobody else would ever stop us. */
async function run(log: Logger, start: (unwanted: AbortSignal) => Promise<Part>): Promise<void> {
  if (process.connected === false) process.exit(0);
  await runPart(log, start);
}
