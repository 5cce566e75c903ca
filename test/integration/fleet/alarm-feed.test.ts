// The alarm feed over graphql-ws at the fleet's own door: snapshot, changes, resumption, filters, heartbeats.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data, FEED, type Subscriber } from './fleet-house.ts';

const HEARTBEAT_MS = 300;
const left = leftovers();
let house: House;
let centre: Centre;
let lagos: ReturnType<typeof hands>;
let accra: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['accra-1', 'lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre({ fleet: { feedHeartbeatMs: HEARTBEAT_MS } });
  left.add(() => centre.close());
  [accra, lagos] = [hands(house, 'accra-1'), hands(house, 'lagos-1')];
  for (const id of ['accra-1', 'lagos-1']) await centre.join(id, house.door(id), { group: id });
  for (const entityInstanceId of ['host=old-1', 'host=old-2']) await lagos.raise({ entityInstanceId });
  await accra.raise({ entityInstanceId: 'host=old-3' });
  await eventually('the mirror', async () => (await centre.alarms()).totalCount === 3);
});

function follow(variables: Data = {}): Subscriber {
  const feed = centre.subscribe(FEED, variables);
  left.add(() => feed.close());
  return feed;
}

const lived = (events: readonly Data[]) => events.filter(event => event.kind !== 'HEARTBEAT');
const words = (events: readonly Data[]) =>
  lived(events).map(({ kind, alarm }) => (alarm ? `${kind} ${alarm.entityInstanceId}` : kind));

describe('a feed', () => {
  test('begins with every open alarm, says ALIGNED, then tells each change in order', async () => {
    const feed = follow();
    await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
    expect(words(feed.events).slice(0, 3).sort()).toEqual([
      'SNAPSHOT host=old-1',
      'SNAPSHOT host=old-2',
      'SNAPSHOT host=old-3',
    ]);
    expect(feed.events[3].kind).toBe('ALIGNED');
    const { alarm } = await lagos.raise({ entityInstanceId: 'host=told', severity: 'MINOR' });
    await lagos.raise({ entityInstanceId: 'host=told', severity: 'MAJOR' });
    await lagos.acknowledge({ id: alarm.id, comment: 'mine' });
    await lagos.unacknowledge({ id: alarm.id });
    const cleared = (await lagos.clear({ id: alarm.id })).alarm;
    await feed.until('CLEARED', events => events.some(event => event.kind === 'CLEARED'));
    const changes = lived(feed.events).slice(4);
    expect(changes.map(event => event.kind)).toEqual([
      'RAISED',
      'CHANGED',
      'ACKNOWLEDGED',
      'UNACKNOWLEDGED',
      'CLEARED',
    ]);
    expect(changes.map(event => event.alarm.severity)).toEqual(['MINOR', 'MAJOR', 'MAJOR', 'MAJOR', 'MAJOR']);
    expect(changes[2].alarm.acknowledged).toEqual({ comment: 'mine' });
    expect(changes[4]).toMatchObject({
      region: { id: 'lagos-1' },
      alarm: { id: alarm.id, clearedAt: cleared.clearedAt },
    });
    const numbers = changes.map(event => BigInt(event.alarm.sequence));
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + BigInt(i)));
  });

  test('resumed after any event tells exactly what followed it', async () => {
    const feed = follow();
    await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
    for (const host of ['r1', 'r2', 'r3']) {
      const { alarm } = await lagos.raise({ entityInstanceId: `host=${host}` });
      await accra.raise({ entityInstanceId: `host=${host}` });
      await lagos.clear({ id: alarm.id }); // a short life is two events
    }
    const whole = lived(
      await feed.until(
        'all',
        events => lived(events).filter(e => e.alarm?.entityInstanceId.startsWith('host=r')).length === 9,
      ),
    );
    const from = whole.findIndex(event => event.kind === 'ALIGNED');
    const changes = whole.slice(from);
    const resumed = changes.map(event => follow({ after: event.cursor }));
    for (const [i, again] of resumed.entries()) {
      const rest = changes.slice(i + 1);
      await again.until(
        `the rest after event ${i}`,
        events => lived(events).length >= rest.length && events.length > rest.length,
      );
      expect(lived(again.events)).toEqual(rest); // and a heartbeat came: nothing else follows
    }
  });

  test('resumed after a cursor that was forged is CURSOR_INVALID', async () => {
    const feed = follow();
    await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
    const [version, position, signature] = Buffer.from(feed.events[0].cursor, 'base64url').toString().split('.');
    const forge = (text: string) => Buffer.from(text).toString('base64url');
    const forged = [
      forge(`${version}.${Number(position) + 1}.${signature}`),
      forge(`2.${position}.${signature}`),
      forge(`${version}.${position}`),
      'x',
      '',
    ];
    for (const after of forged) {
      const refused = follow({ after });
      await eventually('a refusal', () => refused.errors.length > 0);
      expect(refused.errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
      expect(refused.events).toEqual([]);
    }
  });
});

describe('a filtered feed', () => {
  test('tells of the alarms that match, and of the change by which one leaves the filter', async () => {
    const feed = follow({ filter: { regions: ['lagos-1'], severities: ['CRITICAL'] } });
    await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
    await accra.raise({ entityInstanceId: 'host=f1', severity: 'CRITICAL' });
    await lagos.raise({ entityInstanceId: 'host=f2', severity: 'MINOR' });
    await lagos.raise({ entityInstanceId: 'host=f3', severity: 'CRITICAL' });
    await lagos.raise({ entityInstanceId: 'host=f3', severity: 'MINOR' });
    await lagos.raise({ entityInstanceId: 'host=f4', severity: 'CRITICAL' });
    await feed.until('the last', events => words(events).includes('RAISED host=f4'));
    expect(words(feed.events)).toEqual(['ALIGNED', 'RAISED host=f3', 'CHANGED host=f3', 'RAISED host=f4']);
  });

  test('by group and host tells of no others', async () => {
    const feed = follow({ filter: { groups: ['accra-1'], hosts: ['g1'] } });
    await feed.until('ALIGNED', events => events.length > 0);
    await lagos.raise({ entityInstanceId: 'host=g1' });
    await accra.raise({ entityInstanceId: 'host=g10' });
    await accra.raise({ entityInstanceId: 'host=g1.filesystem=/' });
    await feed.until('the one', events => lived(events).length > 1);
    expect(words(feed.events)).toEqual(['ALIGNED', 'RAISED host=g1.filesystem=/']);
  });
});

describe('a quiet feed', () => {
  test('says HEARTBEAT, with a cursor from which it can be resumed', async () => {
    const feed = follow({ filter: { hosts: ['nobody'] } });
    await feed.until('two heartbeats', events => events.filter(event => event.kind === 'HEARTBEAT').length >= 2, 5_000);
    const { cursor } = feed.events.at(-1);
    const again = follow({ after: cursor });
    await lagos.raise({ entityInstanceId: 'host=after-heartbeat' });
    await again.until('what followed', events => lived(events).length > 0);
    expect(words(again.events)).toEqual(['RAISED host=after-heartbeat']);
  });

  test('says so too while others get events that it filters out', async () => {
    const feed = follow({ filter: { hosts: ['nobody'] } });
    await feed.until('ALIGNED', events => events.length > 0);
    let isBusy = true;
    const busy = (async () => {
      for (let i = 0; isBusy; i++) await lagos.raise({ entityInstanceId: 'host=busy', reasonText: `reason ${i}` });
    })();
    try {
      await feed.until('a heartbeat', events => events.some(event => event.kind === 'HEARTBEAT'), 5_000);
    } finally {
      isBusy = false;
      await busy;
    }
  });
});
