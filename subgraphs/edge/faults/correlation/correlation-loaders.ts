// Loads what explains alarms, and what alarms explain, for a whole answer at once.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { HOST_CAUSES } from '../../../catalogue/correlation.ts';
import { groupedBy, type Page } from '../../../runtime/connection.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import { type AlarmList, findOpen } from '../alarms/alarm-store.ts';
import { type Cause, listImpacted } from './correlation-store.ts';

export interface ImpactedKey extends Cause {
  readonly page: Page;
}

export interface CorrelationLoaders {
  /** By hostname: the open alarms that may explain others of the host. */
  readonly causesByHost: DataLoader<string, readonly AlarmRow[]>;
  readonly impactedByCause: DataLoader<ImpactedKey, AlarmList, string>;
}

export const correlationLoaders = (dataSource: DataSource): CorrelationLoaders => ({
  causesByHost: new DataLoader(async hostnames => {
    const keys = hostnames.flatMap(name => HOST_CAUSES.map(alarmId => ({ alarmId, entityInstanceId: `host=${name}` })));
    const found = await findOpen(dataSource, keys);
    return hostnames.map(name => found.filter(alarm => alarm.hostname === name));
  }),
  impactedByCause: new DataLoader(keys => loadImpacted(dataSource, keys), { cacheKeyFn: key => JSON.stringify(key) }),
});

async function loadImpacted(dataSource: DataSource, keys: readonly ImpactedKey[]): Promise<AlarmList[]> {
  const lists = new Map<ImpactedKey, AlarmList>();
  for (const group of groupedBy(keys, key => JSON.stringify(key.page))) {
    const found = await listImpacted(dataSource, group, group[0]!.page);
    for (const [i, key] of group.entries()) lists.set(key, found[i]!);
  }
  return keys.map(key => lists.get(key)!);
}
