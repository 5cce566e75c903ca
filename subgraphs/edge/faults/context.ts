// What one request to the faults subgraph carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { groupedBy, type Page } from '../../runtime/connection.ts';
import type { AlarmRow } from './alarms/alarm.ts';
import { type AlarmList, findByIds, listOpenByHost, type RegionAlarmFilter } from './alarms/alarm-store.ts';
import type { CommentRow } from './comments/comment.ts';
import { findComments } from './comments/comment-store.ts';
import { type CorrelationLoaders, correlationLoaders } from './correlation/correlation-loaders.ts';
import { findIdsByName, findNamesById } from './directory/directory-store.ts';
import type { TransitionRow } from './history/transition.ts';
import { type AlarmLife, countByAlarm, listByAlarm } from './history/transition-store.ts';

export interface HostAlarmsKey {
  readonly hostname: string;
  readonly filter: RegionAlarmFilter;
  readonly page: Page;
}

export interface AlarmHistoryKey {
  readonly life: AlarmLife;
  readonly page: Page;
}

export interface HistoryList {
  readonly found: TransitionRow[];
  readonly totalCount: number;
}

export interface FaultsContext {
  readonly alarmById: DataLoader<string, AlarmRow | null>;
  /** Local host id by hostname. */
  readonly hostIdByName: DataLoader<string, string | null>;
  /** Hostname by local host id. */
  readonly hostnameById: DataLoader<string, string | null>;
  readonly alarmsByHost: DataLoader<HostAlarmsKey, AlarmList, string>;
  /** By local alarm id, newest first. */
  readonly commentsByAlarm: DataLoader<string, readonly CommentRow[]>;
  readonly historyByAlarm: DataLoader<AlarmHistoryKey, HistoryList, string>;
  readonly correlation: CorrelationLoaders;
}

export function faultsContext(dataSource: DataSource): FaultsContext {
  return {
    alarmById: new DataLoader(async ids => {
      const found = new Map((await findByIds(dataSource, ids)).map(alarm => [alarm.id, alarm]));
      return ids.map(id => found.get(id) ?? null);
    }),
    hostIdByName: new DataLoader(async names => {
      const found = new Map((await findIdsByName(dataSource, names)).map(row => [row.hostname, row.id]));
      return names.map(name => found.get(name) ?? null);
    }),
    hostnameById: new DataLoader(async ids => {
      const found = new Map((await findNamesById(dataSource, ids)).map(row => [row.id, row.hostname]));
      return ids.map(id => found.get(id) ?? null);
    }),
    alarmsByHost: new DataLoader(keys => loadByHost(dataSource, keys), { cacheKeyFn: key => JSON.stringify(key) }),
    commentsByAlarm: new DataLoader(async alarms => {
      const found = await findComments(dataSource, alarms);
      return alarms.map(alarm => found.filter(comment => comment.alarm === alarm));
    }),
    historyByAlarm: new DataLoader(keys => loadHistories(dataSource, keys), { cacheKeyFn: key => JSON.stringify(key) }),
    correlation: correlationLoaders(dataSource),
  };
}

/** Keys of one request mostly differ in the hostname only: one pair of statements for each set of arguments. */
async function loadByHost(dataSource: DataSource, keys: readonly HostAlarmsKey[]): Promise<AlarmList[]> {
  const lists = new Map<HostAlarmsKey, AlarmList>();
  for (const group of groupedBy(keys, key => JSON.stringify([key.filter, key.page]))) {
    const { filter, page } = group[0]!;
    const found = await listOpenByHost(
      dataSource,
      group.map(key => key.hostname),
      filter,
      page,
    );
    for (const key of group) lists.set(key, found.get(key.hostname)!);
  }
  return keys.map(key => lists.get(key)!);
}

async function loadHistories(dataSource: DataSource, keys: readonly AlarmHistoryKey[]): Promise<HistoryList[]> {
  const lists = new Map<AlarmHistoryKey, HistoryList>();
  for (const group of groupedBy(keys, key => JSON.stringify(key.page))) {
    const lives = group.map(key => key.life);
    const [found, totals] = await Promise.all([
      listByAlarm(dataSource, lives, group[0]!.page),
      countByAlarm(dataSource, lives),
    ]);
    const counts = new Map(totals.map(({ alarm, n }) => [alarm, n]));
    for (const key of group)
      lists.set(key, {
        found: found.filter(transition => transition.alarm === key.life.id),
        totalCount: counts.get(key.life.id) ?? 0,
      });
  }
  return keys.map(key => lists.get(key)!);
}
