// Says what is wrong with hosts. Each source says all that it knows of a host, again and again: what is new is kept, what
// is no longer said is gone, and followers are told only when something changed.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { mirrored } from '../hosts/host.ts';
import { findListed } from '../hosts/host-store.ts';
import { findConditions, removeConditions, saveConditions } from './condition-store.ts';
import type { Condition, ConditionRow, ConditionSource } from './host-condition.ts';

/** Replaces what one source says of a host; an empty list takes all of it back. Answers whether anything changed. */
export const setConditions = async (
  tx: OutboxTransaction,
  hostId: string,
  source: ConditionSource,
  conditions: readonly Condition[],
): Promise<boolean> => (await setConditionsOf(tx, source, new Map([[hostId, conditions]]))).length > 0;

/**
 * As `setConditions`, of many hosts in a fixed number of statements. Answers the local ids of the hosts that changed. A
 * host that the region does not know is left out: it was deleted meanwhile. Of one key given twice the last counts.
 */
export async function setConditionsOf(
  tx: OutboxTransaction,
  source: ConditionSource,
  byHost: ReadonlyMap<string, readonly Condition[]>,
): Promise<string[]> {
  const { said, gone } = await news(tx.sql, source, byHost, tx.at);
  const touched = [...new Set([...said, ...gone].map(({ hostId }) => hostId))];
  if (touched.length === 0) return [];
  const hosts = await findListed(tx.sql, touched);
  const ids = hosts.map(host => host.id);
  await removeConditions(tx.sql, gone);
  await saveConditions(
    tx.sql,
    said.filter(({ hostId }) => ids.includes(hostId)),
  );
  const now = await findConditions(tx.sql, ids);
  for (const host of hosts) {
    const conditions = now.filter(({ hostId }) => hostId === host.id).map(published);
    tx.append('HOST_CHANGED', host.id, () => ({ ...mirrored(host), conditions }));
  }
  return ids;
}

/** Whether `setConditionsOf` would change nothing: for those who say the same again and again, and need no lock for it. */
export async function isSaid(
  sql: Sql,
  source: ConditionSource,
  byHost: ReadonlyMap<string, readonly Condition[]>,
): Promise<boolean> {
  const { said, gone } = await news(sql, source, byHost, '');
  return said.length === 0 && gone.length === 0;
}

async function news(
  sql: Sql,
  source: ConditionSource,
  byHost: ReadonlyMap<string, readonly Condition[]>,
  since: string,
): Promise<ReturnType<typeof difference>> {
  const known = await findConditions(sql, [...byHost.keys()], source);
  const wanted = [...byHost].flatMap(([hostId, conditions]) =>
    conditions.map(condition => ({ ...condition, hostId, source, since })),
  );
  return difference(known, wanted);
}

/** What to store and what to remove, so that `wanted` is all there is. Pure. */
export function difference(
  known: readonly ConditionRow[],
  wanted: readonly ConditionRow[],
): { readonly said: readonly ConditionRow[]; readonly gone: readonly ConditionRow[] } {
  const before = new Map(known.map(row => [keyOf(row), row]));
  const after = new Map(wanted.map(row => [keyOf(row), row]));
  const isNews = (row: ConditionRow): boolean => {
    const old = before.get(keyOf(row));
    return old?.severity !== row.severity || old.reasonText !== row.reasonText;
  };
  return {
    said: [...after.values()].filter(isNews),
    gone: known.filter(row => !after.has(keyOf(row))),
  };
}

const keyOf = ({ hostId, alarmId, instance }: ConditionRow): string => `${hostId} ${alarmId} ${instance}`;

const published = ({ alarmId, instance, severity, reasonText }: ConditionRow): Condition => ({
  alarmId,
  instance,
  severity,
  reasonText,
});
