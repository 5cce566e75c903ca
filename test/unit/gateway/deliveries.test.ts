// Subscribers of one feed on one gateway: whatever they and their networks do, each is told what it would be told alone.
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Deliveries, MOST_BACKLOG, openDeliveries, type Sink } from '../../../gateway/subscriptions/deliveries.ts';
import type { ToldEvent } from '../../../gateway/subscriptions/told-event.ts';
import { cursorAt, type FeedLog, feedLog, positionOf } from './feed-log.ts';

const FEED = parse('subscription ($after: Cursor) { alarmFeed(after: $after) { kind cursor } }');

interface Client {
  /** All that the client was sent. */
  readonly told: ToldEvent[];
  readonly after: number | null;
  readonly done: Promise<unknown>;
  isLeft: boolean;
  /** A network that takes nothing, or takes again what it left. */
  stall(isStalled: boolean): void;
  leave(): void;
  backlog(): number;
  mostBacklog: number;
}

function join(deliveries: Deliveries, after: number | null = null, document = FEED): Client {
  let isStalled = false;
  let untaken: (() => void)[] = [];
  let bytes = 0;
  const told: ToldEvent[] = [];
  const put = (event: ToldEvent): void => {
    told.push(event);
    if (isStalled) bytes += event.text().length;
    client.mostBacklog = Math.max(client.mostBacklog, bytes);
  };
  const sink: Sink = {
    push: put,
    send: event => {
      put(event);
      return new Promise(resolve => {
        if (isStalled) untaken.push(resolve);
        else resolve();
      });
    },
    backlog: () => bytes,
  };
  const variables = after === null ? {} : { after: cursorAt(after) };
  const resumeAfter = after === null ? {} : { resumeAfter: cursorAt(after) };
  const take = (): void => {
    bytes = 0;
    for (const resolve of untaken) resolve();
    untaken = [];
  };
  const client: Client = {
    told,
    after,
    done: Promise.resolve(),
    isLeft: false,
    stall: on => {
      isStalled = on;
      if (!on) take();
    },
    leave: () => {
      client.isLeft = true;
      delivery.leave();
      take();
    },
    backlog: () => bytes,
    mostBacklog: 0,
  };
  const delivery = deliveries.begin({ document, variables, ...resumeAfter }, sink);
  return Object.assign(client, { done: delivery.done });
}

const settle = async (turns = 60): Promise<void> => {
  for (let i = 0; i < turns; i++) await setImmediate();
};

/** What a client was told is what the log holds for it: every event once, in order, with every gap said to be one. */
function expectWhole(log: FeedLog, { told, after }: Client, upTo: number): void {
  let at = after;
  let isWhole = at !== null;
  for (const { facts } of told) {
    const { kind, cursor } = facts!;
    const position = positionOf(cursor);
    if (kind === 'SNAPSHOT' || kind === 'LAGGED' || kind === 'LIST_REBUILT') {
      isWhole = false;
      continue;
    }
    if (kind === 'ALIGNED') {
      expect(isWhole).toBe(false);
      isWhole = true;
      at = position;
      continue;
    }
    expect(isWhole, `${kind} at ${position} within a snapshot`).toBe(true);
    if (kind === 'RAISED') {
      expect(position).toBe(log.toldBetween(at!, log.head())[0]);
      at = position;
    }
  }
  expect(isWhole).toBe(true);
  expect(log.toldBetween(at!, upTo)).toEqual([]);
}

type Action = { readonly do: string; readonly who: number; readonly n: number };
const action: fc.Arbitrary<Action> = fc.record({
  do: fc.constantFrom(
    'append',
    'append',
    'append',
    'hidden',
    'join',
    'resume',
    'stall',
    'go on',
    'leave',
    'settle',
    'turn',
    'cut',
  ),
  who: fc.nat(7),
  n: fc.integer({ min: 1, max: 12 }),
});

async function play(log: FeedLog, deliveries: Deliveries, actions: readonly Action[]): Promise<Client[]> {
  const clients: Client[] = [];
  for (const { do: what, who, n } of actions) {
    const client = clients[who % Math.max(1, clients.length)];
    if (what === 'append') for (let i = 0; i < n; i++) log.append();
    if (what === 'hidden') log.append(false);
    if (what === 'cut') log.cut();
    if (what === 'join') clients.push(join(deliveries));
    if (what === 'resume') {
      const last = client?.told.findLast(event => event.cursor !== null)?.cursor;
      clients.push(join(deliveries, last == null ? null : positionOf(last)));
    }
    if (what === 'stall') client?.stall(true);
    if (what === 'go on') client?.stall(false);
    if (what === 'leave') client?.leave();
    if (what === 'turn') await setImmediate();
    if (what === 'settle') await settle(n);
  }
  return clients;
}

describe('subscribers that join, stall, leave and resume at any moment', () => {
  it('are each told every event once and in order, or that the list is rebuilt', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async actions => {
        const log = feedLog('x'.repeat(MOST_BACKLOG / 4)); // five events untaken make a client slow
        const deliveries = openDeliveries({
          engine: log.engine,
          delivered: () => undefined,
          kept: { events: 6, bytes: 1e9 },
        });
        const clients = await play(log, deliveries, actions);
        for (const client of clients) client.stall(false);
        log.append();
        await settle(200);
        for (const client of clients) if (!client.isLeft) expectWhole(log, client, log.head());
        expect(deliveries.counts().subscribers).toBe(clients.filter(client => !client.isLeft).length);
        for (const client of clients) client.leave();
        await Promise.all(clients.map(client => client.done));
        await settle();
        expect(log.open()).toBe(0);
        expect(deliveries.counts()).toEqual({ subscribers: 0, alone: 0, behind: 0, streams: 0 });
      }),
      { numRuns: 150 },
    );
  });
});

const open = (log: FeedLog) => openDeliveries({ engine: log.engine, delivered: () => undefined });

describe('subscribers of one operation', () => {
  it('share one stream once they are aligned, and one text an event', async () => {
    const log = feedLog();
    const deliveries = open(log);
    const clients = Array.from({ length: 50 }, () => join(deliveries));
    await settle();
    log.append();
    await settle();
    expect(log.open()).toBe(1);
    expect(deliveries.counts()).toEqual({ subscribers: 50, alone: 0, behind: 0, streams: 1 });
    expect(new Set(clients.map(client => client.told.at(-1))).size).toBe(1);
    for (const client of clients) client.leave();
    await settle();
    expect(log.open()).toBe(0);
  });

  it('that resume from an event that is still kept ask the fleet service nothing', async () => {
    const log = feedLog();
    const deliveries = open(log);
    join(deliveries);
    await settle();
    for (let i = 0; i < 5; i++) log.append();
    await settle();
    const resumed = [1, 2, 3, 4, 5].map(after => join(deliveries, after));
    await settle();
    expect(log.opened()).toBe(1);
    for (const client of resumed) expectWhole(log, client, 5);
  });

  it('with a cursor that nobody was given are left to the fleet service to judge', async () => {
    const log = feedLog();
    const deliveries = open(log);
    join(deliveries);
    await settle();
    log.append(false); // a place that no event of this feed has
    log.append();
    await settle();
    const resumed = join(deliveries, 1);
    expect(log.opened()).toBe(2);
    await settle();
    expectWhole(log, resumed, 2);
    const upToDate = join(deliveries, 3); // of another replica, ahead of this one
    await settle();
    expect(upToDate.told).toEqual([]); // what the streams say to each other is not for clients
    expect(deliveries.counts()).toMatchObject({ alone: 0, streams: 1 });
  });

  it('keep less for each operation when there are many, so that all of them have a bound', async () => {
    const openedBy = async (operations: number): Promise<number> => {
      const log = feedLog('x'.repeat(50_000));
      const deliveries = open(log);
      const documents = Array.from({ length: operations }, (_, i) =>
        parse(`subscription ($after: Cursor) { feed${i}: alarmFeed(after: $after) { kind cursor } }`),
      );
      const clients = documents.map(document => join(deliveries, null, document));
      await settle();
      for (let i = 0; i < 60; i++) log.append();
      await settle(200);
      const before = log.opened();
      clients.push(join(deliveries, 10, documents[0]));
      await settle();
      for (const client of clients) client.leave();
      return log.opened() - before;
    };
    expect(await openedBy(1)).toBe(0); // the fiftieth event from the end is still kept
    expect(await openedBy(48)).toBe(1);
  });

  it('end together when the stream is complete, each after its last event', async () => {
    const log = feedLog();
    const deliveries = open(log);
    const clients = [join(deliveries), join(deliveries)];
    await settle();
    clients[1]!.stall(true);
    log.append();
    await settle();
    log.end();
    await settle();
    clients[1]!.stall(false);
    await Promise.all(clients.map(client => client.done));
    for (const client of clients) expectWhole(log, client, 1);
  });
});

describe('a subscriber that catches up', () => {
  it('while an event is being handed to hundreds of others is told it once', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const log = feedLog('x'.repeat(MOST_BACKLOG));
      const deliveries = open(log);
      const others = Array.from({ length: 300 }, () => join(deliveries));
      const late = join(deliveries);
      await settle();
      late.stall(true);
      for (let i = 0; i < 3; i++) log.append();
      await settle();
      log.append();
      log.cut(); // a snapshot: its events have no places by which to know them again
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      late.stall(false);
      await settle();
      const kinds = late.told.map(({ facts }) => facts?.kind);
      expect(kinds.slice(kinds.indexOf('LAGGED'))).toEqual([
        'LAGGED',
        'LIST_REBUILT',
        'SNAPSHOT',
        'SNAPSHOT',
        'ALIGNED',
      ]);
      for (const client of [late, ...others]) client.leave();
    }
  });
});

describe('a slow subscriber', () => {
  it('leaves the shared stream at a bound, holds up nobody, and is told the rest when it takes again', async () => {
    const log = feedLog('x'.repeat(10_000));
    const deliveries = open(log);
    const [slow, quick] = [join(deliveries), join(deliveries)];
    await settle();
    slow.stall(true);
    for (let i = 0; i < 900; i++) {
      log.append();
      if (i % 100 === 0) await settle(20);
    }
    await settle(500);
    expectWhole(log, quick, 900);
    expect(slow.mostBacklog).toBeLessThan(MOST_BACKLOG + 25_000);
    slow.stall(false);
    await settle(1_500);
    expectWhole(log, slow, 900);
    expect(deliveries.counts()).toEqual({ subscribers: 2, alone: 0, behind: 0, streams: 1 });
  });
});
