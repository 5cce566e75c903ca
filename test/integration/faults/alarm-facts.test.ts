// What the catalogue, the agents' usage samples and the host directory make of alarms.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

describe('the catalogue', () => {
  test('knows what 100.101 affects at each severity', async () => {
    const affects = async (severity: string) => (await door.raise({ severity, entityInstanceId: 'host=facts' })).alarm;
    expect(await affects('MAJOR')).toMatchObject({
      title: 'Platform CPU usage over threshold',
      alarmType: 'operational-violation',
      probableCause: 'threshold-crossed',
      serviceAffecting: false,
      managementAffecting: true,
      degradeAffecting: false,
    });
    expect(await affects('CRITICAL')).toMatchObject({ managementAffecting: true, degradeAffecting: true });
    expect(await affects('MINOR')).toMatchObject({ managementAffecting: false, degradeAffecting: false });
  });

  test('leaves alarms outside it without facts, and takes them', async () => {
    const { alarm, userErrors } = await door.raise({ alarmId: '999.042' });
    expect(userErrors).toEqual([]);
    expect(alarm).toMatchObject({ title: null, alarmType: null, managementAffecting: null, degradeAffecting: null });
  });

  test('marks the alarms that it does not know', async () => {
    const marked = async (alarmId: string) => {
      const { id } = (await door.raise({ alarmId })).alarm;
      return (await ask(house.url('faults'), 'query ($id: ID!) { alarm(id: $id) { catalogued } }', { id })).alarm;
    };
    expect(await marked('100.101')).toEqual({ catalogued: true });
    expect(await marked('990.042')).toEqual({ catalogued: false });
  });
});

describe('usage', () => {
  const sample = (hostname: string, usedPercent: number) => ({ hostname, resource: 'MEMORY', usedPercent });
  const severityOf = async (hostname: string, at: House = house) => {
    const entity = `host=${hostname}.memory=total`;
    const selection = `alarms(filter: { entityInstanceId: "${entity}" }) { nodes { severity reasonText } }`;
    return (await hands(at).region('faults', selection)).alarms.nodes[0]?.severity ?? null;
  };

  test('raises, escalates, stays within the slack, falls back and clears', async () => {
    const steps: [used: number, changes: number, severity: string | null][] = [
      [79.9, 0, null],
      [80, 1, 'MAJOR'],
      [85, 0, 'MAJOR'],
      [90, 1, 'CRITICAL'],
      [88.1, 0, 'CRITICAL'],
      [87.9, 1, 'MAJOR'],
      [78.1, 0, 'MAJOR'],
      [77.9, 1, null],
      [79.9, 0, null],
    ];
    for (const [used, changes, severity] of steps) {
      expect([used, (await door.usage({ samples: [sample('stepper', used)] })).changes]).toEqual([used, changes]);
      expect([used, await severityOf('stepper')]).toEqual([used, severity]);
    }
  });

  test('of several resources is one alarm each, with the entity that StarlingX gives it', async () => {
    const samples = [
      { hostname: 'full', resource: 'CPU', usedPercent: 95 },
      { hostname: 'full', resource: 'MEMORY', usedPercent: 85 },
      { hostname: 'full', resource: 'FILESYSTEM', instance: '/var/lib/docker', usedPercent: 99 },
    ];
    expect((await door.usage({ samples })).changes).toBe(3);
    const { alarms } = await door.region(
      'faults',
      'alarms(first: 500) { nodes { alarmId severity entityInstanceId } }',
    );
    const found = alarms.nodes.filter((a: { entityInstanceId: string }) => a.entityInstanceId.startsWith('host=full'));
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { alarmId: '100.101', severity: 'CRITICAL', entityInstanceId: 'host=full' },
        { alarmId: '100.103', severity: 'MAJOR', entityInstanceId: 'host=full.memory=total' },
        { alarmId: '100.104', severity: 'CRITICAL', entityInstanceId: 'host=full.filesystem=/var/lib/docker' },
      ]),
    );
  });

  test('of one resource twice in a report is settled once, by the last sample', async () => {
    const { changes } = await door.usage({ samples: [sample('twice', 95), sample('twice', 85)] });
    expect(changes).toBe(1);
    expect(await severityOf('twice')).toBe('MAJOR');
  });

  test('reported by many at once raises one alarm', async () => {
    const reports = Array.from({ length: 12 }, () => door.usage({ samples: [sample('crowd', 99)] }));
    const changes = (await Promise.all(reports)).map(report => report.changes);
    expect(changes.reduce((sum, n) => sum + n, 0)).toBe(1);
  });

  test('out of 0 to 100 is refused', async () => {
    const { changes, userErrors } = await door.usage({ samples: [sample('wrong', 101)] });
    expect(changes).toBe(0);
    expect(userErrors).toMatchObject([{ path: ['input', 'samples', '0', 'usedPercent'] }]);
  });

  test('that is unremarkable is an alarm at once where the configuration lowers the threshold', async () => {
    const lowered = await aHouse(['lagos-1'], { thresholds: { memory: { major: 5, critical: 50 } } });
    left.add(() => lowered.stop());
    expect((await hands(lowered).usage({ samples: [sample('calm', 12)] })).changes).toBe(1);
    expect(await severityOf('calm', lowered)).toBe('MAJOR');
  });

  test('is no alarm before the on-delay is over, and a restart begins that anew', async () => {
    const patient = await aHouse(['lagos-1'], { thresholds: { onDelayMs: 1_000 } });
    left.add(() => patient.stop());
    const report = async (): Promise<number> => (await hands(patient).usage({ samples: [sample('held', 99)] })).changes;
    expect(await report()).toBe(0);
    await patient.stop();
    await patient.start();
    const restarted = Date.now();
    await eventually('the alarm', async () => (await report()) === 1);
    expect(Date.now() - restarted).toBeGreaterThanOrEqual(1_000);
    expect(await report()).toBe(0);
  });
});

describe('hosts and their alarms', () => {
  const hostOf = async (id: string) =>
    (await ask(house.url('faults'), 'query ($id: ID!) { alarm(id: $id) { host { id } } }', { id })).alarm.host;
  const alarmsOf = (ids: readonly string[]) =>
    door.entities(
      'faults',
      ids.map(id => ({ __typename: 'Host', id })),
      '... on Host { alarms(first: 2) { totalCount nodes { id host { id } } } }',
    );

  test('an alarm finds its host once the inventory has told of it', async () => {
    const early = (await door.raise({ entityInstanceId: 'host=latecomer.filesystem=/var' })).alarm;
    expect(await hostOf(early.id)).toBeNull();
    const host = await door.host({ hostname: 'latecomer' });
    await eventually('the directory to know it', async () => (await hostOf(early.id))?.id === host.id);
  });

  test('an alarm on no host has none', async () => {
    expect(await hostOf((await door.raise({ entityInstanceId: 'subcloud=s1' })).alarm.id)).toBeNull();
  });

  test('a host that is not known here answers null, never an empty list', async () => {
    const { data, errors } = await alarmsOf([`lagos-1/${randomUUID()}`]);
    expect(errors).toBeUndefined();
    expect(data._entities).toEqual([{ alarms: null }]);
  });

  test('fifty hosts cost as many statements as one, and each gets its own page', async () => {
    const hosts: { id: string; hostname: string }[] = [];
    for (let i = 0; i < 50; i++) hosts.push(await door.host({ hostname: `crowded-${i}` }));
    for (const { hostname } of hosts.slice(0, 10))
      for (const fs of ['a', 'b', 'c'])
        await door.raise({ alarmId: '100.104', entityInstanceId: `host=${hostname}.filesystem=/${fs}` });
    const ids = hosts.map(host => host.id);
    await eventually('the directory to know all', async () => (await alarmsOf(ids.slice(-1))).data._entities[0].alarms);
    let answer: Awaited<ReturnType<typeof alarmsOf>> | undefined;
    const cost = (of: readonly string[]) =>
      statementsOf(/^(alarms\.|directory\.by)/, async () => {
        answer = await alarmsOf(of);
      });
    const forOne = await cost(ids.slice(0, 1));
    expect(forOne).toEqual(['alarms.countByHost', 'alarms.pageByHost', 'directory.byId', 'directory.byName']);
    expect(await cost(ids)).toEqual(forOne);
    const lists = answer?.data._entities.map(
      (host: { alarms: { totalCount: number; nodes: { host: { id: string } }[] } }) => host.alarms,
    );
    expect(lists.map((list: { totalCount: number }) => list.totalCount)).toEqual([
      ...Array(10).fill(3),
      ...Array(40).fill(0),
    ]);
    expect(lists[3].nodes.map((alarm: { host: { id: string } }) => alarm.host.id)).toEqual([ids[3], ids[3]]);
  });
});
