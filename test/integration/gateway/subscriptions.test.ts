import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { hangs } from '../../support/stub-region.ts';
import { eventually } from '../../support/wait.ts';
import { type AnswerError, aGateway, type GatewayStack, SHORT_DEADLINE_MS, told } from './gateway-stack.ts';
import { aSocket, type SocketClient } from './socket-client.ts';

const FEED = `subscription {
  alarmFeed {
    kind
    cursor
    alarm { id host { hostname cpu { model } software { release } } }
  }
}`;

const left = leftovers();
let stack: GatewayStack;
let socket: SocketClient;

beforeAll(async () => {
  stack = await aGateway(['r1', 'r2'], left);
});
beforeEach(() => {
  socket = aSocket(stack.url);
});
afterEach(async () => {
  await socket.close();
  await eventually('the fleet service has no feed left', () => stack.fleet.openFeeds() === 0, 15_000);
  stack.reset();
});

/** A feed whose upstream is open, so that events emitted now reach it. */
async function openFeed(query = FEED) {
  const before = stack.fleet.openFeeds();
  const feed = socket.run(query);
  await eventually('the upstream feed is open', () => stack.fleet.openFeeds() > before, 15_000);
  return feed;
}

const errorsOf = (result: { errors?: unknown } | undefined) => told((result?.errors ?? []) as AnswerError[]);
const emit = (cursor: string, region: string) => stack.fleet.emit({ kind: 'RAISED', cursor, region });

describe('a subscription', () => {
  it('brings each event with what several subgraphs of its region add', async () => {
    const feed = await openFeed();
    emit('1', 'r1');
    emit('2', 'r2');
    await feed.until(2);
    expect(feed.results).toEqual(
      ['r1', 'r2'].map((region, i) => ({
        data: {
          alarmFeed: {
            kind: 'RAISED',
            cursor: String(i + 1),
            alarm: {
              id: `${region}/on-worker-0`,
              host: {
                hostname: 'worker-0',
                cpu: { model: `cpu of ${region}/worker-0` },
                software: { release: `release of ${region}/worker-0` },
              },
            },
          },
        },
      })),
    );
  });

  it('keeps the order of the feed, however long a region takes', async () => {
    stack.regions['r1']!.behave(async ({ res, honest }) => {
      await new Promise(resolve => setTimeout(resolve, 60));
      res.end(JSON.stringify(await honest()));
    });
    const feed = await openFeed();
    const cursors = Array.from({ length: 40 }, (_, i) => String(i));
    for (const cursor of cursors) emit(cursor, Number(cursor) % 3 === 0 ? 'r1' : 'r2');
    await feed.until(40);
    expect(feed.results.map(result => result.data.alarmFeed.cursor)).toEqual(cursors);
  });

  it('asks no region when the event alone answers', async () => {
    const feed = await openFeed('subscription { alarmFeed { kind alarm { alarmId severity } } }');
    emit('1', 'r1');
    await feed.until(1);
    expect(feed.results[0]!.data.alarmFeed).toEqual({
      kind: 'RAISED',
      alarm: { alarmId: '100.101', severity: 'MAJOR' },
    });
    expect(stack.requests).toEqual([]);
  });

  it('takes aliases, fragments and variables', async () => {
    const feed = socket.run(
      `subscription Named($r: [ID!], $on: Boolean!) { feed: alarmFeed(filter: { regions: $r }) { ...E } }
       fragment E on AlarmFeedEvent { what: kind alarm { id } cursor @skip(if: $on) }`,
      { r: ['r1'], on: true },
    );
    await eventually('the upstream feed is open', () => stack.fleet.openFeeds() === 1, 15_000);
    emit('1', 'r1');
    await feed.until(1);
    expect(feed.results).toEqual([{ data: { feed: { what: 'RAISED', alarm: { id: 'r1/on-worker-0' } } } }]);
  });

  it('completes when the feed does, after its last event', async () => {
    const feed = await openFeed();
    emit('1', 'r1');
    stack.fleet.endFeeds();
    expect(await feed.ended).toBe('complete');
    expect(feed.results).toHaveLength(1);
  });

  it('that is no longer wanted is closed upstream at once, also when the feed is quiet', async () => {
    const feed = await openFeed();
    const other = await openFeed();
    feed.stop();
    await eventually('one upstream feed is left', () => stack.fleet.openFeeds() === 1, 15_000);
    emit('1', 'r1');
    await other.until(1);
    expect(feed.results).toEqual([]);
  });

  it('of a client that vanishes is closed upstream at once', async () => {
    await openFeed();
    await socket.close();
    await eventually('no upstream feed is left', () => stack.fleet.openFeeds() === 0, 15_000);
  });

  it('that does not fit the schema is refused with a reason', async () => {
    const refused = socket.run('subscription { alarmFeed { colour } }');
    expect(await refused.ended).toMatchObject([{ message: expect.stringContaining('colour') }]);
  });
});

describe('a query over the WebSocket', () => {
  it('is answered as over HTTP, and completes', async () => {
    const query = socket.run('query($h: ID!) { host(id: $h) { hostname cpu { model } } }', { h: 'r1/worker-0' });
    expect(await query.ended).toBe('complete');
    expect(query.results).toEqual([{ data: { host: { hostname: 'worker-0', cpu: { model: 'cpu of r1/worker-0' } } } }]);
  });

  it('has coded errors with their paths', async () => {
    const query = socket.run('{ lost: host(id: "r9/x") { hostname } }');
    await query.ended;
    expect(query.results[0]?.data).toEqual({ lost: null });
    expect(errorsOf(query.results[0])).toEqual(['REGION_UNKNOWN r9 lost']);
  });

  it('may be a mutation', async () => {
    const mutation = socket.run('mutation { acknowledgeAlarm(input: { id: "r2/on-worker-0" }) { alarm { id } } }');
    await mutation.ended;
    expect(mutation.results).toEqual([{ data: { acknowledgeAlarm: { alarm: { id: 'r2/on-worker-0' } } } }]);
  });
});

describe('a region that hangs', () => {
  it('has its events brought without its fields, and does not stop the others', async () => {
    const own = await aGateway(['r1', 'r2'], left, { regionDeadlineMs: SHORT_DEADLINE_MS });
    await own.ask('{ host(id: "r2/worker-0") { hostname } }'); // the first request is slow; its deadline is not in question
    own.regions['r1']!.behave(hangs);
    const client = aSocket(own.url);
    left.add(() => client.close());
    const feed = client.run(FEED);
    await eventually('the upstream feed is open', () => own.fleet.openFeeds() === 1, 15_000);
    const since = Date.now();
    own.fleet.emit({ kind: 'RAISED', cursor: '0', region: 'r2' });
    for (let i = 1; i <= 12; i++) own.fleet.emit({ kind: 'RAISED', cursor: String(i), region: 'r1' });
    await feed.until(13);
    expect(Date.now() - since).toBeLessThan(8 * SHORT_DEADLINE_MS); // side by side, not one after the other
    const [whole, ...parted] = feed.results;
    expect(whole!.errors).toBeUndefined();
    for (const result of parted) {
      expect(result!.data.alarmFeed.alarm.id).toBe('r1/on-worker-0');
      expect(result!.data.alarmFeed.alarm.host).toEqual({ hostname: 'worker-0', cpu: null, software: null });
      expect(errorsOf(result)).toEqual([
        'REGION_TIMEOUT r1 alarmFeed.alarm.host.cpu',
        'REGION_TIMEOUT r1 alarmFeed.alarm.host.software',
      ]);
    }
    own.regions['r1']!.reset();
    own.fleet.emit({ kind: 'RAISED', cursor: '13', region: 'r1' });
    await feed.until(14);
    expect(feed.results[13]!.errors).toBeUndefined();
  });
});

describe('a gateway that closes', () => {
  it('tells its sockets so, at once, and leaves no feed behind', async () => {
    const own = await aGateway(['r1'], left);
    const feed = aSocket(own.url).run(FEED);
    await eventually('the upstream feed is open', () => own.fleet.openFeeds() === 1, 15_000);
    const since = Date.now();
    await own.close();
    expect(Date.now() - since).toBeLessThan(4_000);
    expect(await feed.ended).toMatchObject({ code: 1012 }); // service restart: reconnect elsewhere
    await eventually('no upstream feed is left', () => own.fleet.openFeeds() === 0, 15_000);
  });
});

describe('a fleet service that dies in the middle of a subscription', () => {
  it('is told as FLEET_UNREACHABLE; then the subscription completes, and a new one works once it is back', async () => {
    const own = await aGateway(['r1'], left);
    const client = aSocket(own.url);
    left.add(() => client.close());
    const feed = client.run(FEED);
    await eventually('the upstream feed is open', () => own.fleet.openFeeds() === 1, 15_000);
    own.fleet.emit({ kind: 'RAISED', cursor: '1', region: 'r1' });
    await feed.until(1);
    await own.fleet.die();
    expect(await feed.ended).toBe('complete');
    expect(feed.results).toHaveLength(2);
    expect(errorsOf(feed.results[1])).toEqual(['FLEET_UNREACHABLE  alarmFeed']);

    const refused = client.run(FEED);
    expect(await refused.ended).toBe('complete');
    expect(errorsOf(refused.results[0])).toEqual(['FLEET_UNREACHABLE  alarmFeed']);

    const revived = await own.reviveFleet();
    const again = client.run(FEED);
    await eventually('the upstream feed is open', () => revived.openFeeds() === 1, 15_000);
    revived.emit({ kind: 'RAISED', cursor: '2', region: 'r1' });
    await again.until(1);
    expect(again.results[0]!.data.alarmFeed.cursor).toBe('2');
  });
});

describe('a fleet service whose database dies', () => {
  it('costs an aligned feed nothing: it goes on by itself when the database is back', async () => {
    const own = await aGateway(['r1'], left);
    const client = aSocket(own.url);
    left.add(() => client.close());
    const feed = client.run(FEED);
    await eventually('the upstream feed is open', () => own.fleet.openFeeds() === 1, 15_000);
    own.fleet.emit({ kind: 'ALIGNED', cursor: '1' });
    await feed.until(1);
    const trouble = own.fleet.losesDatabase();
    await eventually('it was tried again', () => trouble.failed() >= 2);
    trouble.isBack();
    await eventually('the upstream feed is open again', () => own.fleet.openFeeds() === 1, 15_000);
    own.fleet.emit({ kind: 'RAISED', cursor: '2', region: 'r1' });
    await feed.until(2);
    expect(feed.results.map(({ data, errors }) => ({ kind: data?.alarmFeed.kind, errors }))).toEqual([
      { kind: 'ALIGNED', errors: undefined },
      { kind: 'RAISED', errors: undefined },
    ]);
  });
});
