// Empties hosts of their workloads for whoever asks, and keeps the marks by which drivers know which hosts take nothing
// new. A mark is a row, so it survives every crash; nobody takes it back, so it lapses once it is not asked for any more.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { Evacuation } from '../lifecycle/evacuation.ts';
import { askEvacuation, lapseEvacuations, renewEvacuations } from './evacuation-store.ts';
import type { WorkloadDriver } from './workload-driver.ts';

export interface EvacuationService extends Evacuation {
  close(): Promise<void>;
}

export interface EvacuationServiceDeps {
  readonly dataSource: DataSource;
  readonly drivers: readonly WorkloadDriver[];
  /** How often it looks for what nobody asks for any more. */
  readonly everyMs: number;
  readonly log: Logger;
  now(): Date;
}

const LAPSES_MS = 10_000; // it is asked for each second: ten times nothing means that it was given up, or has ended

export async function openEvacuations({
  dataSource,
  drivers,
  everyMs,
  log,
  now,
}: EvacuationServiceDeps): Promise<EvacuationService> {
  const tellDrivers = (): void => {
    for (const driver of drivers) driver.look();
  };
  await renewEvacuations(dataSource, now().toISOString());
  const lapse = async (): Promise<void> => {
    const before = new Date(now().getTime() - LAPSES_MS).toISOString();
    const lapsed = await lapseEvacuations(dataSource, before);
    if (lapsed.length === 0) return;
    log.warn({ hosts: lapsed.map(({ hostId }) => hostId) }, 'evacuations that nobody asks for any more were ended');
    tellDrivers();
  };
  const lapsing = repeating({ everyMs, log, failed: 'evacuations not looked at', work: lapse });
  return {
    evacuate: async (host, options) => {
      await askEvacuation(dataSource, host.id, now().toISOString());
      const answers = await Promise.all(drivers.map(driver => driver.evacuate(host.id, options)));
      const remaining = answers.reduce((sum, answer) => sum + answer.remaining, 0);
      return { done: remaining === 0, remaining, blockedBy: answers.flatMap(answer => answer.blockedBy) };
    },
    close: lapsing.stop,
  };
}
