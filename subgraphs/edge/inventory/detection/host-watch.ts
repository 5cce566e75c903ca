// Looks again and again at how hosts are heard, and says what follows: conditions, reports to the lifecycle, and attempts to
// bring back what failed. All follows from how things are at a look, so a crash between two looks loses nothing.
import type { DataSource } from 'typeorm';
import type { Config } from '../../../../runtime/config.ts';
import type { Logger } from '../../../../runtime/log.ts';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import { setConditionsOf } from '../conditions/set-conditions.ts';
import { publish } from '../hosts/host-service.ts';
import { findByIds } from '../hosts/host-store.ts';
import type { Report } from '../lifecycle/host-state.ts';
import type { LifecycleService } from '../lifecycle/lifecycle-service.ts';
import * as store from './detection-store.ts';
import { ear, type Hearing, hearingOf } from './hearing.ts';
import type { Recoveries } from './recoveries.ts';
import { judge, type Storm } from './storm.ts';
import { conditionsOf, isInService, reportOf, type WatchedHost } from './watched-host.ts';

export interface HostWatch {
  /** One look. The caller sees to it that only one is under way. */
  look(): Promise<void>;
  /** Hosts beat, as often as they say, in ms. Local ids. */
  beat(hostIds: readonly string[], everyMs: number | null): void;
  /** Beats were lost on our side. */
  deaf(): void;
  readonly everyMs: number;
}

export interface HostWatchDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly lifecycle: Pick<LifecycleService, 'report'>;
  readonly recoveries: Pick<Recoveries, 'look'>;
  readonly catalogue: Pick<Catalogue, 'facts'>;
  readonly settings: Config['inventory']['heartbeat'];
  /** How often agents beat that do not say. */
  readonly beatMs: number;
  readonly log: Logger;
  now(): Date;
}

const SHORTEST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;

export function hostWatch(deps: HostWatchDeps): HostWatch {
  const { dataSource, outbox, recoveries, settings, beatMs, log } = deps;
  const now = (): number => deps.now().getTime();
  const everyMs = Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, Math.round(beatMs / 4)));
  // a shorter stall loses no beat, and a region that stalls now and then must still find out who is gone
  const hearing = ear(everyMs + beatMs, now());
  const periods = new Map<string, number>();
  /** As it is stored; not there until it was looked up. */
  let storm: { readonly is: Storm | null } | undefined;

  const look = async (): Promise<void> => {
    hearing.listen(now());
    storm ??= { is: await store.findStorm(dataSource) };
    const hosts = await store.findWatched(dataSource);
    const at = now(); // not sooner: a beat that came meanwhile would be one from the future
    if (isNews(see(hosts, storm.is, at), storm.is)) {
      storm = undefined; // as stored, should the transaction fail
      storm = { is: await outbox.transaction(tell) };
    }
    recoveries.look(hosts, at);
  };

  const see = (hosts: readonly WatchedHost[], storm: Storm | null, at: number): Seen => {
    const heard = hosts.map(host => ({
      id: host.id,
      inService: isInService(host),
      hearing: hearingOf(
        { heardAt: Date.parse(host.lastHeartbeatAt!), everyMs: periods.get(host.id) ?? beatMs },
        hearing.since(),
        at,
        settings,
      ),
    }));
    const judged = judge(heard, storm, at, settings);
    return {
      storm: judged.storm,
      lost: judged.lost,
      follows: hosts.map(host => followsOf(host, judged.hearing.get(host.id)!)),
    };
  };

  const followsOf = (host: WatchedHost, hearing: Hearing): Follows => {
    const degraded = host.problems.some(
      ({ alarmId, severity }) => deps.catalogue.facts(alarmId, severity).degradeAffecting,
    );
    return {
      host,
      conditions: conditionsOf(host, hearing, settings),
      report: reportOf(host, hearing, degraded, settings),
    };
  };

  /** Under the region's lock, and so from what is there then. Answers the storm that is now. */
  const tell = async (tx: OutboxTransaction): Promise<Storm | null> => {
    const [hosts, before] = await Promise.all([store.findWatched(tx.sql), store.findStorm(tx.sql)]);
    const at = now();
    const seen = see(hosts, before, at);
    if (!isSame(before, seen.storm)) await tellStorm(tx, before, seen, hosts, at);
    for (const [event, ids] of byReport(seen.follows)) {
      const changed = await deps.lifecycle.report(tx, ids, event);
      if (event.type === 'SILENT' && changed.length > 0)
        log.warn({ hosts: changed.map(host => host.hostname ?? host.id) }, 'hosts fell silent');
    }
    // what they are in now decides about the alarm of their failure
    const again = see(await store.findWatched(tx.sql), seen.storm, now());
    await setConditionsOf(
      tx,
      'heartbeat',
      new Map(
        again.follows.flatMap(({ host, conditions }) => (conditions === null ? [] : [[host.id, conditions] as const])),
      ),
    );
    return seen.storm;
  };

  const tellStorm = async (
    tx: OutboxTransaction,
    before: Storm | null,
    { storm, lost }: Seen,
    hosts: readonly WatchedHost[],
    at: number,
  ): Promise<void> => {
    await store.saveStorm(tx.sql, storm);
    if (storm === null) hearing.deaf(at); // those who are still missing get the time that all others had
    if (before !== null && storm !== null) return;
    const speaker = hosts.find(({ activeController }) => activeController) ?? hosts[0];
    const [host] = speaker ? await findByIds(tx.sql, [speaker.id]) : [];
    const names = lost.map(id => hosts.find(other => other.id === id)?.hostname ?? id);
    log.warn(
      { hosts: names },
      storm ? 'many hosts lost at once: none is failed' : 'hosts are heard again, or few are lost',
    );
    if (!host) return;
    publish(tx, host, [
      storm
        ? {
            eventId: '200.020',
            instance: '.event=mnfa_enter',
            reasonText: `${names.length} hosts missed heartbeats at once (${listed(names)}): a fault of the network is assumed, and none of them is failed.`,
          }
        : {
            eventId: '200.020',
            instance: '.event=mnfa_exit',
            reasonText: `${names.length === 0 ? 'All hosts are' : `All hosts but ${listed(names)} are`} heard again: each is judged by itself.`,
          },
    ]);
  };

  return {
    look: () =>
      look().catch(error => {
        hearing.deaf(now()); // what the database did not take it does not know
        throw error;
      }),
    beat: (hostIds, every) => {
      for (const id of hostIds)
        if (every === null) periods.delete(id);
        else periods.set(id, every);
    },
    deaf: () => hearing.deaf(now()),
    everyMs,
  };
}

interface Follows {
  readonly host: WatchedHost;
  readonly conditions: ReturnType<typeof conditionsOf>;
  readonly report: Report | null;
}

interface Seen {
  readonly storm: Storm | null;
  readonly lost: readonly string[];
  readonly follows: readonly Follows[];
}

const isNews = ({ storm, follows }: Seen, before: Storm | null): boolean =>
  !isSame(before, storm) ||
  follows.some(
    ({ host, conditions, report }) => report !== null || (conditions !== null && !isSaid(conditions, host.conditions)),
  );

const isSame = (a: Storm | null, b: Storm | null): boolean => a?.since === b?.since && a?.expired === b?.expired;

const isSaid = (wanted: readonly WatchedHost['conditions'][number][], said: WatchedHost['conditions']): boolean =>
  wanted.length === said.length &&
  wanted.every(({ alarmId, instance, severity, reasonText }) =>
    said.some(
      known =>
        known.alarmId === alarmId &&
        known.instance === instance &&
        known.severity === severity &&
        known.reasonText === reasonText,
    ),
  );

/** Reports that say the same go together. */
function byReport(follows: readonly Follows[]): [Report, string[]][] {
  const groups = new Map<string, [Report, string[]]>();
  for (const { host, report } of follows) {
    if (report === null) continue;
    const key = JSON.stringify(report);
    const group = groups.get(key) ?? [report, []];
    group[1].push(host.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const MOST_NAMES = 10;

const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
