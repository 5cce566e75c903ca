// A region's change stream as a follower sees it, and the doors that several regions share.
import { once } from 'node:events';
import net from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { startRegions } from '../../../subgraphs/edge/main.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { readChanges } from './change-lines.ts';
import { aHouse, type House, hands } from './region-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1', 'lagos-2']);
  left.add(() => house.stop());
  door = hands(house);
  for (let i = 0; i < 4; i++) await door.raise();
  await door.host();
});

async function follow(query: string, region?: string) {
  const stream = await readChanges(house.door(region), query);
  left.add(() => stream.close());
  return stream;
}

describe('a follower', () => {
  test('is greeted with the region, the heads and the schemas of what it follows, then sees all changes', async () => {
    const stream = await follow('faults=0');
    const changes = await stream.until('faults', 4);
    expect(stream.lines[0]?.hello).toMatchObject({
      region: 'lagos-1',
      heads: { faults: { sequence: changes.at(-1)?.sequence, epoch: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
      schemas: { inventory: expect.any(String), faults: expect.any(String), software: expect.any(String) },
    });
    expect(Object.keys(stream.lines[0]?.hello?.heads ?? {})).toEqual(['faults']);
    expect(changes.map(change => change.sequence)).toEqual(['1', '2', '3', '4']);
    expect(changes[0]).toMatchObject({ kind: 'RAISED', row: { alarmId: '100.101', severity: 'MAJOR', sequence: '1' } });
  });

  test('hears of a change at once, by a hint and not by the next look at the table', async () => {
    const [{ sequence }] = await house.rows('select sequence from faults.outbox_head');
    const stream = await follow(`faults=${sequence}`);
    await eventually('hello', () => stream.lines.length > 0);
    const { alarm } = await door.raise();
    await eventually('the change', () => stream.of('faults').some(c => alarm.id.endsWith(c.entityId)), 2_500);
  });

  test.each([1, 2, 3])('that comes back with position %i gets exactly what follows it', async position => {
    const whole = await (await follow('faults=0')).until('faults', 4);
    const rest = await (await follow(`faults=${position}`)).until('faults', whole.length - position);
    expect(rest.slice(0, whole.length - position)).toEqual(whole.slice(position));
  });

  test('may follow two subgraphs in one stream, each in its own count', async () => {
    const stream = await follow('inventory=0&faults=2');
    const [hosts, alarms] = [await stream.until('inventory', 1), await stream.until('faults', 2)];
    expect(hosts[0]).toMatchObject({ sequence: '1', kind: 'HOST_CHANGED' });
    expect(alarms[0]?.sequence).toBe('3');
    expect(Object.keys(stream.lines[0]?.hello?.heads ?? {}).sort()).toEqual(['faults', 'inventory']);
  });

  test('of a quiet region hears heartbeats', async () => {
    const stream = await follow('software=0', 'lagos-2');
    await eventually('a beat', () => stream.lines.some(line => line.beat !== undefined));
    expect(stream.lines[0]?.hello?.region).toBe('lagos-2');
    expect(stream.of('software')).toEqual([]);
  });

  test('sees nothing of the region next door', async () => {
    const neighbour = await follow('faults=0', 'lagos-2');
    await hands(house, 'lagos-2').raise({ entityInstanceId: 'host=only-here' });
    const changes = await neighbour.until('faults', 1);
    expect(changes.map(change => change.row.entityInstanceId)).toEqual(['host=only-here']);
  });

  test('gets a burst of many changes in order and without a gap', async () => {
    const [{ sequence }] = await house.rows('select sequence from faults.outbox_head');
    const stream = await follow(`faults=${sequence}`);
    const samples = (usedPercent: number) =>
      Array.from({ length: 700 }, (_, i) => ({ hostname: `burst-${i}`, resource: 'CPU', usedPercent }));
    await door.usage({ samples: samples(99) });
    await door.usage({ samples: samples(1) });
    const numbers = (await stream.until('faults', 1_400)).map(change => BigInt(change.sequence));
    expect(numbers).toEqual(Array.from({ length: 1_400 }, (_, i) => BigInt(sequence) + BigInt(i) + 1n));
  });
});

describe('a request for changes', () => {
  test.each([
    ['no subgraph', ''],
    ['a subgraph that is none of a region', 'fleet=0'],
    ['a subgraph that does not exist', 'weather=0'],
    ['a negative position', 'faults=-1'],
    ['a position that is no number', 'faults=abc'],
    ['a position beyond any count', `faults=${'9'.repeat(19)}`],
  ])('with %s is refused with 400', async (_, query) => {
    const response = await fetch(`${house.door()}/changes?${query}`);
    expect(response.status).toBe(400);
    expect((await response.json()).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('a door that closes', () => {
  test('ends its streams and begins no new one on a connection that was open before', async () => {
    const going = await aHouse(['lagos-1']);
    const stream = await readChanges(going.door(), 'faults=0');
    const { port, hostname } = new URL(going.door());
    const socket = net.connect(Number(port), hostname);
    left.add(() => socket.destroy());
    await once(socket, 'connect');
    await fetch(`${new URL(going.door()).origin}/health/live`); // the door has taken the connection before this one
    const stopped = going.stop();
    socket.write('GET /lagos-1/changes?faults=0 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 503 /);
    await stopped;
    await stream.ended;
  });
});

describe('a process of regions', () => {
  const start = (doors: Record<string, string>, regions: readonly string[]) =>
    startRegions({ config: testConfig({ doors }), log: quiet, regions });

  test.each([
    ['no region', {}, [], 'Name at least one region'],
    ['a region without a door', {}, ['lagos-1'], 'doors.lagos-1'],
    ['an id that is none', {}, ['Lagos'], 'is no region id'],
    ['a door with another path', { 'lagos-1': 'http://127.0.0.1:4101/lagos-2' }, ['lagos-1'], '/lagos-1'],
    [
      'doors on two ports',
      { 'lagos-1': 'http://127.0.0.1:4101/lagos-1', 'lagos-2': 'http://127.0.0.1:4102/lagos-2' },
      ['lagos-1', 'lagos-2'],
      'share a port',
    ],
  ])('with %s does not start and says what to change', async (_, doors, regions, words) => {
    await expect(start(doors as Record<string, string>, regions)).rejects.toThrow(words);
  });
});
