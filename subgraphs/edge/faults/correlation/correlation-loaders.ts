// Loads what explains alarms, and what alarms explain, for a whole answer at once.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { HOST_CAUSES } from '../../../catalogue/correlation.ts';
import { loadByPage, type Page } from '../../../runtime/connection.ts';
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
  impactedByCause: new DataLoader(keys => loadByPage(keys, (causes, page) => listImpacted(dataSource, causes, page)), {
    cacheKeyFn: key => JSON.stringify(key),
  }),
});
