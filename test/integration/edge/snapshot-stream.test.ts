// Snapshots on a region's change stream: exact for one change, no seam to what follows, and what followers of the release
// before get instead.
import { beforeAll, describe, expect, test } from 'vitest';
import { SNAPSHOTS_HEADER } from '../../../subgraphs/runtime/change-lines.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { type ChangeLines, type Line, readChanges } from './change-lines.ts';
import { aHouse, type House, hands } from './region-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

async function follow(query: string): Promise<ChangeLines> {
  const stream = await readChanges(house.door(), query, { [SNAPSHOTS_HEADER]: 'yes' });
  left.add(() => stream.close());
  return stream;
}

type Row = Record<string, unknown> & { readonly id: string; readonly clearedAt?: string | null };
const parts = (stream: ChangeLines): NonNullable<Line['snapshot']>[] =>
  stream.lines.flatMap(line => (line.snapshot ? [line.snapshot] : []));
const whole = (stream: ChangeLines) => eventually('the snapshot', () => parts(stream).find(part => part.isLast));
const rowsOf = (stream: ChangeLines): Row[] => parts(stream).flatMap(part => part.rows.map(({ row }) => row as Row));
const headOf = async (): Promise<string> => (await house.rows('select sequence from faults.outbox_head'))[0].sequence;
const prune = () =>
  house.rows('delete from faults.outbox where sequence <= (select sequence from faults.outbox_head) - 2');

describe('a snapshot', () => {
  test('has the open alarms as their last changes left them, then come the changes', async () => {
    const { alarm } = await door.raise({ entityInstanceId: 'host=a' });
    await door.raise({ entityInstanceId: 'host=a', severity: 'CRITICAL' });
    await door.acknowledge({ id: alarm.id, comment: 'seen', by: 'ann' });
    await door.comment({ id: alarm.id, comment: 'still there', by: 'bob' });
    await door.clear({ id: (await door.raise({ entityInstanceId: 'host=gone' })).alarm.id });
    const last = await (await follow('faults=0')).until('faults', 6);
    const stream = await follow('snapshot=faults');
    expect((await whole(stream)).at).toMatchObject({ sequence: '6' });
    const { note: _, ...row } = last.filter(change => alarm.id.endsWith(change.entityId)).at(-1)!.row;
    expect(rowsOf(stream)).toEqual([row]);
    await door.raise({ entityInstanceId: 'host=b' });
    expect((await stream.until('faults', 1))[0]).toMatchObject({ sequence: '7', kind: 'RAISED' });
  });

  test('of hosts and of software has what their changes carry', async () => {
    const host = await door.host();
    await door.software({ hosts: [{ id: host.id, release: 'starlingx-10.0' }] });
    const changes = await follow('inventory=0&software=0');
    const [hosts, software] = [await changes.until('inventory', 1), await changes.until('software', 1)];
    for (const [source, last, more] of [
      ['inventory', hosts, { conditions: [] }], // a change says nothing of those while nothing is wrong
      ['software', software, {}],
    ] as const) {
      const stream = await follow(`snapshot=${source}`);
      await whole(stream);
      const { entityId, row } = last[0]!;
      expect(parts(stream).flatMap(part => part.rows)).toEqual([{ entityId, row: { ...row, ...more } }]);
    }
  });

  test('and the changes after it make the same list whenever it is taken in a storm', async () => {
    let isBusy = true;
    const storm = Promise.all(
      Array.from({ length: 4 }, async (_, writer) => {
        for (let i = 0; isBusy; i++) {
          const { alarm } = await door.raise({ entityInstanceId: `host=storm-${writer}-${i}` });
          if (i % 2) await door.clear({ id: alarm.id });
        }
      }),
    );
    const streams: ChangeLines[] = [];
    for (let i = 0; i < 6; i++) {
      streams.push(await follow('snapshot=faults'));
      await whole(streams[i]!);
    }
    isBusy = false;
    await storm;
    const head = await headOf();
    const { nodes } = (await door.region('faults', 'alarms(first: 500) { nodes { id sequence } }')).alarms;
    const wanted = nodes.map((a: Row) => `${a.id.split('/')[1]} ${a['sequence']}`).sort();
    for (const stream of streams) {
      const { at } = await whole(stream);
      const count = Number(BigInt(head) - BigInt(at.sequence));
      const changes = await stream.until('faults', count);
      expect(changes.map(change => Number(change.sequence))).toEqual(
        changes.map((_, i) => Number(at.sequence) + i + 1),
      );
      const list = new Map(rowsOf(stream).map(row => [row.id, row]));
      for (const { entityId, row } of changes) row.clearedAt === null ? list.set(entityId, row) : list.delete(entityId);
      expect([...list.values()].map(row => `${row.id} ${row['sequence']}`).sort()).toEqual(wanted);
    }
  });

  test('of many rows comes in parts', async () => {
    const samples = Array.from({ length: 1_100 }, (_, i) => ({
      hostname: `many-${i}`,
      resource: 'CPU',
      usedPercent: 99,
    }));
    await door.usage({ samples });
    const stream = await follow('snapshot=faults');
    await whole(stream);
    expect(parts(stream).length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...parts(stream).map(part => part.rows.length))).toBeLessThanOrEqual(500);
  });

  test('asked for beside the changes comes after those before it: at its number nothing is left out', async () => {
    const stream = await follow('faults=3&snapshot=faults');
    const { at } = await whole(stream);
    const until = stream.lines.findIndex(line => line.snapshot);
    const before = stream.lines.slice(0, until).flatMap(line => [...(line.changes ?? [])]);
    expect(before[0]?.sequence).toBe('4');
    expect(before.at(-1)?.sequence).toBe(at.sequence);
  });
});

describe('of an outbox that was pruned', () => {
  test('the hello says where the kept part begins', async () => {
    await prune();
    const stream = await follow(`faults=${await headOf()}`);
    await eventually('hello', () => stream.lines.length > 0);
    const { sequence, oldest } = stream.lines[0]!.hello!.heads['faults']!;
    expect(BigInt(sequence) - BigInt(oldest!)).toBe(2n);
  });

  test('a snapshot beside changes that are gone comes without them', async () => {
    const stream = await follow('faults=3&snapshot=faults');
    expect((await whole(stream)).at.sequence).toBe(await headOf());
    expect(rowsOf(stream).length).toBeGreaterThan(1_000);
  });

  test('a follower of a release without snapshots is told that it asks for what is gone, and not with silence', async () => {
    const response = await fetch(`${house.door()}/changes?faults=3`);
    expect(response.status).toBe(410);
    const [{ message, extensions }] = (await response.json()).errors;
    expect(extensions.code).toBe('CURSOR_EXPIRED');
    expect(message).toMatch(/lagos-1.* after \d+ only, not after 3/);
  });

  test('such a follower within the kept part gets its changes as before', async () => {
    const position = BigInt(await headOf()) - 2n;
    const stream = await readChanges(house.door(), `faults=${position}`);
    left.add(() => stream.close());
    expect((await stream.until('faults', 2))[0]?.sequence).toBe(String(position + 1n));
  });
});

describe('the directory of hosts that faults keeps', () => {
  test('is whole though the inventory pruned its changes before it was followed', async () => {
    const { hostname, id } = await door.host();
    await house.rows('delete from inventory.outbox');
    await house.rows(`update faults.followed set epoch = null, sequence = 0`);
    await house.rows('delete from faults.host_directory');
    await house.stop();
    await house.start();
    const { alarm } = await door.raise({ entityInstanceId: `host=${hostname}` });
    await eventually('the host of the alarm', async () => {
      const { data } = await door.entities(
        'faults',
        [{ __typename: 'Alarm', id: alarm.id }],
        '... on Alarm { host { id } }',
      );
      return data._entities[0].host?.id === id;
    });
  });
});
