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
import type { EventRow } from './events/event.ts';
import { countEventsByHost, type EventFilter, listEventsByHost } from './events/event-store.ts';
import type { TransitionRow } from './history/transition.ts';
import { type AlarmLife, countByAlarm, listByAlarm } from './history/transition-store.ts';

export interface HostAlarmsKey {
  readonly hostname: string;
  readonly filter: RegionAlarmFilter;
  readonly page: Page;
}

export interface HostEventsKey {
  readonly hostname: string;
  readonly filter: EventFilter;
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
  readonly eventsByHost: DataLoader<HostEventsKey & { readonly page: Page }, EventRow[], string>;
  readonly eventCountByHost: DataLoader<HostEventsKey, number, string>;
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
    alarmsByHost: byHost((names, { filter, page }) => listOpenByHost(dataSource, names, filter, page)),
    eventsByHost: byHost((names, { filter, page }) => listEventsByHost(dataSource, names, filter, page)),
    eventCountByHost: byHost((names, { filter }) => countEventsByHost(dataSource, names, filter)),
    commentsByAlarm: new DataLoader(async alarms => {
      const found = await findComments(dataSource, alarms);
      return alarms.map(alarm => found.filter(comment => comment.alarm === alarm));
    }),
    historyByAlarm: new DataLoader(keys => loadHistories(dataSource, keys), { cacheKeyFn: key => JSON.stringify(key) }),
    correlation: correlationLoaders(dataSource),
  };
}

/** Keys of one request mostly differ in the hostname only: one load for each set of the other arguments. */
const byHost = <K extends { readonly hostname: string }, V>(
  load: (hostnames: readonly string[], alike: K) => Promise<ReadonlyMap<string, V>>,
): DataLoader<K, V, string> =>
  new DataLoader(
    async keys => {
      const values = new Map<K, V>();
      for (const group of groupedBy(keys, ({ hostname: _, ...others }) => JSON.stringify(others))) {
        const hostnames = group.map(key => key.hostname);
        const found = await load(hostnames, group[0]!);
        for (const key of group) values.set(key, found.get(key.hostname)!);
      }
      return keys.map(key => values.get(key)!);
    },
    { cacheKeyFn: key => JSON.stringify(key) },
  );

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
