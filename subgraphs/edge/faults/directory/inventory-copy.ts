// What the faults keep of the region's inventory: names of hosts and what is wrong with them, with the alarms that follow.
// Changes, alarms, events and the position commit together: what the inventory said is told exactly once.
import type { DataSource } from 'typeorm';
import type { Position } from '../../../runtime/change-follower.ts';
import type { SnapshotRow } from '../../../runtime/change-lines.ts';
import type { Change, Outbox, OutboxHead, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { AlarmService, WantedAlarm } from '../alarms/alarm-service.ts';
import { findOpenByHosts } from '../alarms/alarm-store.ts';
import * as conditionStore from '../conditions/condition-store.ts';
import { type Condition, wantedAlarms } from '../conditions/host-conditions.ts';
import type { EventService, ReportItem } from '../events/event-service.ts';
import * as store from './directory-store.ts';

export interface InventoryCopy {
  position(): Promise<Position>;
  apply(changes: readonly Change[]): Promise<void>;
  /** The inventory is as these rows say at this head, and nothing else of it is known. */
  beginAnew(at: OutboxHead, hosts: readonly SnapshotRow[]): Promise<void>;
  /** Raises anew what somebody cleared while its condition held; answers for how many hosts. */
  audit(): Promise<number>;
}

export interface InventoryCopyDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly alarms: Pick<AlarmService, 'settleIn'>;
  readonly events: Pick<EventService, 'reportIn'>;
}

/** What a change of a host carries; a release before conditions says nothing of them. */
interface SentHost {
  readonly hostname: string | null;
  readonly conditions?: readonly Condition[];
  readonly events?: readonly { readonly eventId: string; readonly instance: string; readonly reasonText: string }[];
}

/** What is to be stored of a host; conditions that are not there stay as they were. */
interface ToldHost {
  readonly hostname: string | null;
  readonly conditions?: readonly Condition[];
}

export function inventoryCopy({ dataSource, outbox, alarms, events }: InventoryCopyDeps): InventoryCopy {
  let last: Promise<unknown> = Promise.resolve();
  /** In the order of the calls: the next changes may come before these are stored. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const reconcile = async (tx: OutboxTransaction, hostnames: readonly string[]): Promise<void> => {
    if (hostnames.length === 0) return;
    const [hosts, owned] = await Promise.all([
      conditionStore.findConditions(tx.sql, hostnames),
      conditionStore.findConditionAlarms(tx.sql, hostnames),
    ]);
    const raised = await alarms.settleIn(tx, wantedAlarms(hosts, owned));
    if (raised.length > 0) await conditionStore.markConditionAlarms(tx.sql, raised);
  };

  return {
    position: () => store.positionOf(dataSource),
    apply: changes =>
      inTurn(() =>
        outbox.transaction(async tx => {
          const fresh = after(await store.positionOf(tx.sql), changes);
          if (fresh.length === 0) return;
          const { told, removed, happened } = readChanges(fresh);
          const ids = [...told.keys(), ...removed];
          const before = await store.findNamesById(tx.sql, ids);
          await store.forgetHosts(tx.sql, removed);
          await conditionStore.forgetConditions(tx.sql, removed);
          await save(tx.sql, told);
          await reconcile(tx, namesConcerned(told, removed, before));
          await clearAllOf(tx, alarms, nameless(removed, before));
          if (happened.length > 0) await events.reportIn(tx, happened);
          await store.advance(tx.sql, fresh.at(-1)!.sequence);
        }),
      ),
    beginAnew: (at, hosts) =>
      inTurn(() =>
        outbox.transaction(async tx => {
          const { epoch } = await store.positionOf(tx.sql);
          const before = await store.findAll(tx.sql);
          const told = new Map(hosts.map(({ entityId, row }) => [entityId, row as SentHost]));
          const removed = before.map(host => host.id).filter(id => !told.has(id));
          await store.forgetHosts(tx.sql, removed);
          await conditionStore.forgetAllConditions(tx.sql);
          await save(tx.sql, told);
          await reconcile(tx, distinct([...before, ...told.values()].map(({ hostname }) => hostname)));
          // of an inventory that begins with nothing the hosts are still to come, and their alarms with them
          if (epoch === at.epoch) await clearAllOf(tx, alarms, nameless(removed, before));
          await store.begin(tx.sql, at);
        }),
      ),
    audit: async () => {
      const untold = await conditionStore.findUntold(dataSource);
      if (untold.length > 0) await inTurn(() => outbox.transaction(tx => reconcile(tx, untold)));
      return untold.length;
    },
  };
}

/** Those that are not stored yet. The follower saw to it that there is no gap but where an earlier batch failed. */
function after({ sequence }: Position, changes: readonly Change[]): readonly Change[] {
  const fresh = changes.filter(change => BigInt(change.sequence) > BigInt(sequence));
  if (fresh.length > 0 && BigInt(fresh[0]!.sequence) !== BigInt(sequence) + 1n)
    throw new Error(`the inventory's changes after ${sequence} are missing: ${fresh[0]!.sequence} is next`);
  return fresh;
}

function readChanges(changes: readonly Change[]) {
  const told = new Map<string, ToldHost>();
  const removed = new Set<string>();
  const happened: ReportItem[] = [];
  for (const { kind, entityId, row, at } of changes) {
    if (kind === 'HOST_REMOVED') {
      told.delete(entityId);
      removed.add(entityId);
      continue;
    }
    const { hostname, conditions = told.get(entityId)?.conditions, events = [] } = row as SentHost;
    told.set(entityId, { hostname, ...(conditions ? { conditions } : {}) });
    removed.delete(entityId);
    if (hostname === null) continue; // an event names its host
    for (const { eventId, instance, reasonText } of events)
      happened.push({ eventId, entityInstanceId: `host=${hostname}${instance}`, reasonText, occurredAt: new Date(at) });
  }
  return { told, removed: [...removed], happened };
}

async function save(sql: Sql, told: ReadonlyMap<string, ToldHost>): Promise<void> {
  const all = [...told].map(([id, host]) => ({ id, ...host }));
  await store.saveHosts(
    sql,
    all.flatMap(({ id, hostname }) => (hostname === null ? [] : [{ id, hostname }])),
  );
  const said = all.flatMap(({ id, conditions }) => (conditions ? [{ hostId: id, conditions }] : []));
  await conditionStore.saveConditions(
    sql,
    said.filter(({ conditions }) => conditions.length > 0),
  );
  await conditionStore.forgetConditions(
    sql,
    said.filter(({ conditions }) => conditions.length === 0).map(({ hostId }) => hostId),
  );
}

type Named = readonly { readonly id: string; readonly hostname: string }[];

/** Names, old and new, whose alarms may no longer be what they must be. */
function namesConcerned(told: ReadonlyMap<string, ToldHost>, removed: readonly string[], before: Named): string[] {
  const old = new Map(before.map(({ id, hostname }) => [id, hostname]));
  const concerned = [...told].filter(([id, host]) => host.conditions || host.hostname !== old.get(id));
  return distinct([
    ...concerned.flatMap(([id, host]) => [host.hostname, old.get(id)]),
    ...removed.map(id => old.get(id)),
  ]);
}

const nameless = (removed: readonly string[], before: Named): string[] =>
  distinct(before.filter(({ id }) => removed.includes(id)).map(({ hostname }) => hostname));

/** All alarms of hosts that are no more, whoever raised them: nobody is left who could clear them. */
async function clearAllOf(
  tx: OutboxTransaction,
  alarms: Pick<AlarmService, 'settleIn'>,
  hostnames: readonly string[],
): Promise<void> {
  if (hostnames.length === 0) return;
  const others = new Set((await store.findIdsByName(tx.sql, hostnames)).map(({ hostname }) => hostname));
  const open = await findOpenByHosts(
    tx.sql,
    hostnames.filter(name => !others.has(name)),
  );
  await alarms.settleIn(
    tx,
    open.map((alarm): WantedAlarm => ({ key: alarm, decide: () => null })),
  );
}

const distinct = (names: readonly (string | null | undefined)[]): string[] => [
  ...new Set(names.flatMap(name => name ?? [])),
];
