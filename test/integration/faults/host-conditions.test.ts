// Alarms that follow from what the inventory says of hosts: raised, changed and cleared exactly by it, once, whatever
// breaks in between; what others raised is left alone.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Condition } from '../../../subgraphs/edge/faults/conditions/host-conditions.ts';
import { inventoryCopy } from '../../../subgraphs/edge/faults/directory/inventory-copy.ts';
import type { Change } from '../../../subgraphs/runtime/outbox.ts';
import { rows } from '../../../subgraphs/runtime/sql.ts';
import { aRegionAt } from './region-at.ts';

const AT = '2026-03-01T12:00:00.000Z';
let region: Awaited<ReturnType<typeof aRegionAt>>;
let copy: ReturnType<typeof inventoryCopy>;
let sequence = 0;

beforeAll(async () => {
  region = await aRegionAt(AT);
  copy = inventoryCopy(region);
  await copy.beginAnew({ epoch: randomUUID(), sequence: '0' }, []);
});

interface Sent {
  readonly hostname: string | null;
  readonly conditions?: readonly Condition[];
  readonly events?: readonly { eventId: string; instance: string; reasonText: string }[];
}

const change = (entityId: string, row: Sent | null): Change => ({
  sequence: String(++sequence),
  at: AT,
  kind: row === null ? 'HOST_REMOVED' : 'HOST_CHANGED',
  entityId,
  row,
});
const tell = (entityId: string, row: Sent | null) => copy.apply([change(entityId, row)]);
const lost = (more: Partial<Condition> = {}): Condition => ({
  alarmId: '200.005',
  instance: '',
  severity: 'MAJOR',
  reasonText: 'two heartbeats missed',
  ...more,
});
const open = async (hostname: string) =>
  (
    await rows<{ line: string }>(
      region.dataSource,
      `select alarm_id || ' ' || entity_instance_id || ' ' || severity as line from alarm
       where cleared_at is null and hostname = $1 order by 1`,
      [hostname],
    )
  ).map(({ line }) => line);
const transitions = async (hostname: string) =>
  (
    await rows<{ kind: string }>(
      region.dataSource,
      'select kind from alarm_transition where hostname = $1 order by sequence',
      [hostname],
    )
  ).map(({ kind }) => kind);
const raise = async (alarmId: string, entityInstanceId: string) =>
  (await region.alarms.raise({ alarmId, entityInstanceId, severity: 'CRITICAL' })).alarm!;

describe('conditions of a host', () => {
  test('become alarms with the facts of the catalogue, get worse and end, a transition each', async () => {
    const id = randomUUID();
    await tell(id, { hostname: 'a1', conditions: [lost()] });
    await tell(id, { hostname: 'a1', conditions: [lost()] }); // says nothing new
    expect(await open('a1')).toEqual(['200.005 host=a1 MAJOR']);
    await tell(id, { hostname: 'a1', conditions: [lost({ severity: 'CRITICAL' })] });
    await tell(id, { hostname: 'a1' }); // a change of something else
    expect(await open('a1')).toEqual(['200.005 host=a1 CRITICAL']);
    const [stored] = await rows<Record<string, string>>(
      region.dataSource,
      `select title, alarm_type, reason_text from alarm where hostname = 'a1'`,
    );
    expect(stored).toMatchObject({ title: 'Management-network heartbeat loss', alarm_type: 'communication' });
    await tell(id, { hostname: 'a1', conditions: [] });
    expect(await open('a1')).toEqual([]);
    expect(await transitions('a1')).toEqual(['RAISED', 'CHANGED', 'CLEARED']);
  });

  test('leave alone what somebody else raised, also under the same key', async () => {
    const id = randomUUID();
    await raise('200.005', 'host=a2');
    await raise('100.101', 'host=a2');
    await tell(id, { hostname: 'a2', conditions: [lost()] });
    await tell(id, { hostname: 'a2', conditions: [] });
    expect(await open('a2')).toEqual(['100.101 host=a2 CRITICAL', '200.005 host=a2 CRITICAL']);
    expect(await transitions('a2')).toEqual(['RAISED', 'RAISED']);
  });

  test('go with the host to its new name, and wait for the first', async () => {
    const id = randomUUID();
    await tell(id, { hostname: null, conditions: [lost({ instance: '.process=sshd', alarmId: '200.006' })] });
    await tell(id, { hostname: 'a3' });
    expect(await open('a3')).toEqual(['200.006 host=a3.process=sshd MAJOR']);
    await tell(id, { hostname: 'a3b' });
    expect(await open('a3')).toEqual([]);
    expect(await open('a3b')).toEqual(['200.006 host=a3b.process=sshd MAJOR']);
  });

  test('end with the host, and so does all that others raised of it', async () => {
    const [gone, namesake] = [randomUUID(), randomUUID()];
    await tell(gone, { hostname: 'a4', conditions: [lost()] });
    await raise('100.101', 'host=a4');
    await tell(gone, null);
    expect(await open('a4')).toEqual([]);
    await tell(gone, { hostname: 'a5', conditions: [lost()] });
    await tell(namesake, { hostname: 'a5', conditions: [lost({ severity: 'CRITICAL' })] });
    await raise('100.101', 'host=a5');
    await tell(namesake, null);
    expect(await open('a5')).toEqual(['100.101 host=a5 CRITICAL', '200.005 host=a5 MAJOR']);
  });

  test('are raised anew when somebody clears their alarm', async () => {
    await tell(randomUUID(), { hostname: 'a6', conditions: [lost()] });
    await region.alarms.clear({ region: 'lagos-1', alarmId: '200.005', entityInstanceId: 'host=a6' });
    expect(await copy.audit()).toBe(1);
    expect(await open('a6')).toEqual(['200.005 host=a6 MAJOR']);
    expect(await copy.audit()).toBe(0);
  });

  test('mask the others of the host when it is locked', async () => {
    const id = randomUUID();
    const locked = lost({ alarmId: '200.001', severity: 'WARNING' });
    await tell(id, { hostname: 'a7', conditions: [lost(), locked] });
    const masked = () =>
      rows(region.dataSource, `select masked from alarm where hostname = 'a7' and alarm_id = '200.005'`);
    expect(await masked()).toEqual([{ masked: true }]);
    await tell(id, { hostname: 'a7', conditions: [lost()] });
    expect(await masked()).toEqual([{ masked: false }]);
  });
});

describe('what is followed', () => {
  test('is stored in the order in which it was said, though nobody waits in between', async () => {
    const id = randomUUID();
    const names = Array.from({ length: 12 }, (_, i) => `b${i}`);
    await Promise.all(names.map(hostname => tell(id, { hostname, conditions: [lost()] })));
    expect(await open('b11')).toEqual(['200.005 host=b11 MAJOR']);
    for (const name of names.slice(0, 11)) expect(await open(name)).toEqual([]);
    expect(await copy.position()).toMatchObject({ sequence: String(sequence) });
  });

  test('counts once: a repeat changes nothing, and its events are logged once', async () => {
    const id = randomUUID();
    const event = { eventId: '200.020', instance: '.event=mnfa_enter', reasonText: 'two hosts lost at once' };
    const changes = [change(id, { hostname: 'b20', conditions: [lost()], events: [event] })];
    await copy.apply(changes);
    await copy.apply([...changes, change(id, { hostname: 'b20', conditions: [] })]);
    await copy.apply(changes);
    expect(await transitions('b20')).toEqual(['RAISED', 'CLEARED']);
    expect(
      await rows(region.dataSource, `select entity_instance_id as entity from event where hostname = 'b20'`),
    ).toEqual([{ entity: 'host=b20.event=mnfa_enter' }]);
  });

  test('is kept whole or not at all, and nothing after it before it', async () => {
    const id = randomUUID();
    let isBroken = true;
    const breaking = inventoryCopy({
      ...region,
      events: {
        reportIn: async (tx, items) => {
          if (isBroken) throw new Error('killed');
          await region.events.reportIn(tx, items);
        },
      },
    });
    const event = { eventId: '200.022', instance: '.status=offline', reasonText: 'gone' };
    const first = change(id, { hostname: 'b30', conditions: [lost()], events: [event] });
    const second = change(id, { hostname: 'b30', conditions: [lost({ severity: 'CRITICAL' })] });
    await expect(Promise.all([breaking.apply([first]), breaking.apply([second])])).rejects.toThrow('killed');
    await expect(breaking.apply([second])).rejects.toThrow('are missing');
    expect(await open('b30')).toEqual([]);
    isBroken = false;
    await breaking.apply([first, second]);
    expect(await open('b30')).toEqual(['200.005 host=b30 CRITICAL']);
  });

  test('comes right with a snapshot, whatever was missed', async () => {
    const [stays, goes, other] = [randomUUID(), randomUUID(), randomUUID()];
    await tell(stays, { hostname: 'b40', conditions: [lost(), lost({ alarmId: '200.004', severity: 'CRITICAL' })] });
    await tell(goes, { hostname: 'b41', conditions: [lost()] });
    await raise('100.101', 'host=b41');
    const { epoch } = await copy.position();
    sequence += 10;
    const snapshot = [
      { entityId: stays, row: { hostname: 'b40', conditions: [lost({ severity: 'CRITICAL' })] } },
      { entityId: other, row: { hostname: 'b42', conditions: [lost()] } },
    ];
    await copy.beginAnew({ epoch: epoch!, sequence: String(sequence) }, snapshot);
    expect(await open('b40')).toEqual(['200.005 host=b40 CRITICAL']);
    expect(await open('b41')).toEqual([]);
    expect(await open('b42')).toEqual(['200.005 host=b42 MAJOR']);
    await raise('100.101', 'host=b42');
    await copy.beginAnew({ epoch: randomUUID(), sequence: '0' }, []); // an inventory that lost its database
    sequence = 0;
    expect(await open('b42')).toEqual(['100.101 host=b42 CRITICAL']);
  });
});

test('whatever is said, repeated or broken off, the alarms are what was said last', async () => {
  const KEYS = ['200.004', '200.005', '200.006.process=sshd'] as const;
  const conditions = fc
    .dictionary(fc.constantFrom(...KEYS), fc.constantFrom('MAJOR' as const, 'CRITICAL' as const))
    .map(said =>
      Object.entries(said).map(([key, severity]) =>
        lost({ alarmId: key.slice(0, 7), instance: key.slice(7), severity }),
      ),
    );
  const step = fc.record({
    host: fc.nat(1),
    name: fc.constantFrom('x', 'y'),
    conditions: fc.option(conditions, { nil: undefined }),
    repeats: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async steps => {
      const run = randomUUID().slice(0, 8);
      const hosts = [randomUUID(), randomUUID()];
      const model = new Map<string, { name: string; conditions: readonly Condition[] }>();
      for (const { host, name, conditions, repeats } of steps) {
        const id = hosts[host]!;
        const hostname = `${name}${host}-${run}`;
        const said = change(id, { hostname, ...(conditions ? { conditions } : {}) });
        await copy.apply([said]);
        if (repeats) await copy.apply([said]);
        model.set(id, { name: hostname, conditions: conditions ?? model.get(id)?.conditions ?? [] });
      }
      for (const name of ['x0', 'x1', 'y0', 'y1'].map(n => `${n}-${run}`)) {
        const must = [...model.values()]
          .filter(host => host.name === name)
          .flatMap(host => host.conditions.map(c => `${c.alarmId} host=${name}${c.instance} ${c.severity}`));
        expect(await open(name)).toEqual(must.sort());
      }
    }),
    { numRuns: 25 },
  );
});
