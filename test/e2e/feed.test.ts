// The alarm feed while things die: every transition of every region arrives once and in the order of the region's own
// count, whatever was killed meanwhile. The oracle is that count: it has no gaps, so neither may the feed.
import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Subscription, subscribe } from '../support/client.ts';
import type { FeedEvent as ToldEvent } from '../support/resuming-feed.ts';
import { newPlace, processesOf, type Stack, startStack } from '../support/stack.ts';
import { eventually } from '../support/wait.ts';

const REGIONS = ['lagos-1', 'osaka-1', 'paris-1'];
const FEED =
  'subscription ($after: Cursor) { alarmFeed(after: $after) { kind cursor region { id } alarm { id alarmId sequence entityInstanceId } } }';

interface FeedEvent {
  readonly alarmFeed: ToldEvent;
}

let stack: Stack;

beforeAll(async () => {
  stack = await startStack(await newPlace());
});

afterAll(async () => {
  await stack?.stop();
  expect(processesOf(stack.place)).toEqual([]);
  stack?.place.remove();
});

/** Numbers of a region's own changes in the feed, in the order of their arrival. */
const numbersOf = (events: readonly FeedEvent[], region: string): number[] =>
  events
    .map(event => event.alarmFeed)
    .filter(
      ({ kind, alarm }) => kind !== 'SNAPSHOT' && alarm?.id.startsWith(`${region}/`) && alarm.alarmId !== '280.001',
    )
    .map(({ alarm }) => Number(alarm!.sequence));

const RAISE = `mutation ($input: RaiseAlarmInput!) { raiseAlarm(input: $input) { alarm { id sequence } userErrors { message } } }`;

/** Raises and clears until the region has taken it; a repeat with the same key changes nothing. */
async function storm(region: string, name: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const key = `${region}-${name}-${i}`;
    const input = {
      region,
      alarmId: '200.011',
      severity: 'MINOR',
      entityInstanceId: `host=${name}-${i}`,
      idempotencyKey: key,
    };
    const id: string = await eventually(
      `${key} raised`,
      async () => {
        const { data } = await stack.ask(RAISE, { input });
        return data?.raiseAlarm?.alarm?.id;
      },
      60_000,
    );
    await eventually(
      `${key} cleared`,
      async () => {
        const clear = `mutation ($input: ClearAlarmInput!) { clearAlarm(input: $input) { alarm { id } userErrors { code } } }`;
        const { data } = await stack.ask(clear, { input: { id, idempotencyKey: `${key}-clear` } });
        return data?.clearAlarm?.alarm?.id;
      },
      60_000,
    );
  }
}

/** The last number of the region's own count, asked of the region itself. */
async function headOf(region: string): Promise<number> {
  const input = { region, alarmId: '200.011', severity: 'MINOR', entityInstanceId: `host=last-${Date.now()}` };
  return eventually(
    `${region} takes an alarm`,
    async () => {
      const { data, errors } = await stack.ask(RAISE, { input });
      if (errors) throw new Error(JSON.stringify(errors));
      return Number(data.raiseAlarm.alarm.sequence);
    },
    60_000,
  );
}

async function expectComplete(feed: Subscription<FeedEvent>, from: ReadonlyMap<string, number>): Promise<void> {
  for (const region of REGIONS) {
    const head = await headOf(region);
    await feed.next(`${region}: ${head}`, () => numbersOf(feed.events, region).includes(head));
    const numbers = numbersOf(feed.events, region);
    const first = from.get(region)! + 1;
    expect(numbers, region).toEqual(Array.from({ length: head - first + 1 }, (_, i) => first + i));
  }
}

test('loses and repeats nothing over kills of a region, the fleet service and PostgreSQL', {
  timeout: 180_000,
}, async () => {
  const from = new Map<string, number>();
  for (const region of REGIONS) from.set(region, await headOf(region));
  const { data } = await stack.ask('{ alarms { nodes { region { id } sequence } } }');
  await eventually('the mirror at those heads', async () => {
    const all = await stack.ask('{ alarms(first: 500) { nodes { region { id } sequence } } }');
    return REGIONS.every(region =>
      all.data.alarms.nodes.some(
        (a: { region: { id: string }; sequence: string }) =>
          a.region.id === region && Number(a.sequence) === from.get(region),
      ),
    );
  });
  expect(data).toBeDefined();
  const feed = subscribe<FeedEvent>(stack.place.url, FEED);
  await feed.next('ALIGNED', event => event.alarmFeed.kind === 'ALIGNED');

  const storms = REGIONS.map(region => storm(region, 'storm', 40));
  const killed = async (part: string): Promise<void> => {
    const [pid] = stack.pids(part);
    process.kill(pid!, 'SIGKILL');
    await eventually(`another process for${part}`, () => stack.pids(part).some(other => other !== pid));
  };
  await feed.next('some changes', () => numbersOf(feed.events, 'lagos-1').length > 5);
  await killed(' fleet');
  await killed(' region lagos-1');
  process.kill(stack.pids('postgres -D')[0] ?? stack.pids('postgres')[0]!, 'SIGKILL');
  await Promise.all(storms);
  await expectComplete(feed, from);
  await feed.close();
});

test('is resumed over Server-Sent Events with Last-Event-ID, on another gateway process than before', {
  timeout: 90_000,
}, async () => {
  const first = await openEvents();
  await first.until('ALIGNED', text => text.includes('"ALIGNED"'));
  await stack.ask(RAISE, {
    input: { region: 'paris-1', alarmId: '200.011', severity: 'MINOR', entityInstanceId: 'host=sse-1' },
  });
  await first.until('the first', text => text.includes('host=sse-1'));
  const id = [...first.text().matchAll(/^id: (.+)$/gm)].at(-1)![1]!;
  const [pid] = stack.pids(' gateway');
  process.kill(pid!, 'SIGKILL');
  await stack.says(/gateway is up again/);
  await stack.ask(RAISE, {
    input: { region: 'paris-1', alarmId: '200.011', severity: 'MINOR', entityInstanceId: 'host=sse-2' },
  });
  const second = await openEvents(id);
  await second.until('the second', text => text.includes('host=sse-2'));
  expect(second.text()).not.toContain('host=sse-1');
  expect(second.text()).not.toContain('SNAPSHOT');
  second.close();
  first.close();
});

async function openEvents(lastEventId?: string) {
  const request = http.request(`${stack.place.url}/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
    },
  });
  request.on('error', () => undefined); // the gateway is killed on purpose
  request.end(JSON.stringify({ query: FEED }));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(response.headers['content-type']).toContain('text/event-stream');
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => undefined);
  return {
    text: () => text,
    until: (what: string, holds: (text: string) => boolean) => eventually(what, () => holds(text)),
    close: () => request.destroy(),
  };
}
