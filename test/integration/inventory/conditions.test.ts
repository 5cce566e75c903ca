// Conditions of hosts: each source replaces its own, and followers hear of what changed, exactly.
import { beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../../subgraphs/edge/inventory/conditions/host-condition.ts';
import { setConditions, setConditionsOf } from '../../../subgraphs/edge/inventory/conditions/set-conditions.ts';
import { HOSTS_NOW } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import type { Outbox } from '../../../subgraphs/runtime/outbox.ts';
import { rows, type Sql } from '../../../subgraphs/runtime/sql.ts';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { aHostRoom } from './host-room.ts';

const left = leftovers();
let sql: Sql;
let outbox: Outbox;
let newHost: () => Promise<string>;

beforeAll(async () => {
  const room = await aHostRoom();
  left.add(() => room.close());
  sql = room.dataSource;
  outbox = room.outbox;
  newHost = async () => (await room.hosts.report(aHost())).host!.id;
});

const condition = (alarmId: string, more: Partial<Condition> = {}): Condition => ({
  alarmId,
  instance: '',
  severity: 'MAJOR',
  reasonText: `${alarmId} it is`,
  ...more,
});
const set = (id: string, source: 'heartbeat' | 'process', ...conditions: Condition[]) =>
  outbox.transaction(tx => setConditions(tx, id, source, conditions));
const said = async (id: string) =>
  (
    await rows<{ conditions: Condition[] | null }>(
      sql,
      `select "row" -> 'conditions' as conditions from outbox where entity_id = $1 order by sequence`,
      [id],
    )
  ).map(change => change.conditions?.map(c => `${c.alarmId}${c.instance} ${c.severity}`) ?? null);
const inSnapshot = async (id: string) =>
  (await rows<{ id: string; conditions: Condition[] }>(sql, HOSTS_NOW.statement)).find(host => host.id === id)!
    .conditions;

test('a source replaces what it said, leaves what others said, and says nothing twice', async () => {
  const id = await newHost();
  expect(await set(id, 'heartbeat', condition('200.005'))).toBe(true);
  expect(await set(id, 'process', condition('200.006', { instance: '.process=sshd' }))).toBe(true);
  expect(await set(id, 'heartbeat', condition('200.005'))).toBe(false);
  expect(await set(id, 'heartbeat', condition('200.005', { severity: 'CRITICAL' }))).toBe(true);
  expect(await set(id, 'heartbeat')).toBe(true);
  expect(await said(id)).toEqual([
    null, // its report: says nothing of conditions
    ['200.005 MAJOR'],
    ['200.005 MAJOR', '200.006.process=sshd MAJOR'],
    ['200.005 CRITICAL', '200.006.process=sshd MAJOR'],
    ['200.006.process=sshd MAJOR'],
  ]);
  expect(await inSnapshot(id)).toEqual([condition('200.006', { instance: '.process=sshd' })]);
});

test('a condition keeps the time of its beginning while its severity and its words change', async () => {
  const id = await newHost();
  const since = async () =>
    (await rows<{ since: string }>(sql, 'select since from host_condition where host_id = $1', [id]))[0]!.since;
  await set(id, 'heartbeat', condition('200.005'));
  const begun = await since();
  await set(id, 'heartbeat', condition('200.005', { severity: 'CRITICAL', reasonText: 'other words' }));
  expect(await since()).toBe(begun);
});

test('a host that is gone is left out, its conditions go with it, and the others of the call are kept', async () => {
  const [gone, stays] = [await newHost(), await newHost()];
  await set(gone, 'heartbeat', condition('200.005'));
  await rows(sql, 'delete from host where id = $1', [gone]);
  const all = new Map([gone, stays].map(id => [id, [condition('200.004')]]));
  expect(await outbox.transaction(tx => setConditionsOf(tx, 'heartbeat', all))).toEqual([stays]);
  expect(await rows(sql, 'select from host_condition where host_id = $1', [gone])).toEqual([]);
  expect(await inSnapshot(stays)).toEqual([condition('200.004')]);
});
