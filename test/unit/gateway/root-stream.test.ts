// Where a feed goes on after the fleet service was lost, and which of its events one can resume after.
import { expect, test } from 'vitest';
import { rootStream } from '../../../gateway/subscriptions/root-stream.ts';
import { type Upstream, UpstreamLost } from '../../../gateway/subscriptions/upstream.ts';

const QUERY = 'subscription { alarmFeed { kind } }';

/** Streams one after the other: `KIND cursor`, and `lost` where the fleet service is. Remembers where each began. */
function upstreamOf(...streams: string[][]): { upstream: Upstream; begun: unknown[] } {
  const begun: unknown[] = [];
  const upstream: Upstream = {
    subscribe: async function* ({ variables }) {
      begun.push(variables?.['murmuration_after']);
      for (const line of streams.shift() ?? []) {
        const [kind, cursor] = line.split(' ');
        if (kind === 'lost') throw new UpstreamLost();
        const region = kind === 'RAISED' ? { id: 'r1' } : null;
        yield {
          data: {
            alarmFeed: { kind, murmuration_kind: kind, murmuration_cursor: cursor, murmuration_region: region },
          },
        };
      }
    },
    close: async () => undefined,
  };
  return { upstream, begun };
}

async function told(upstream: Upstream, after: string | null = null): Promise<string[]> {
  const lines: string[] = [];
  for await (const { result, cursor, facts } of rootStream(upstream, { query: QUERY }, after))
    lines.push(`${facts?.kind ?? result.errors?.[0]?.extensions?.['code']} ${cursor}`);
  return lines;
}

test('goes on from the last event, and says of each where to resume', async () => {
  const { upstream, begun } = upstreamOf(
    ['SNAPSHOT 5', 'ALIGNED 5', 'RAISED 6', 'lost'],
    ['RAISED 7', 'LIST_REBUILT 8', 'HEARTBEAT 8'], // of a region: an event of the log
  );
  expect(await told(upstream)).toEqual([
    'SNAPSHOT null',
    'ALIGNED 5',
    'RAISED 6',
    'RAISED 7',
    'LIST_REBUILT 8',
    'HEARTBEAT 8',
  ]);
  expect(begun).toEqual([null, '6']);
});

test('ends when it is lost within its first snapshot', async () => {
  const { upstream, begun } = upstreamOf(['SNAPSHOT 5', 'lost']);
  expect(await told(upstream)).toEqual(['SNAPSHOT null', 'FLEET_UNREACHABLE null']);
  expect(begun).toEqual([null]);
});

test.each([
  ['it lagged', ['RAISED 3', 'LAGGED 4', 'LIST_REBUILT 4', 'SNAPSHOT 9', 'lost'], '3'],
  ['its cursor was too old', ['LIST_REBUILT 2', 'SNAPSHOT 9', 'lost'], '2'],
])('begins the snapshot anew when it is lost within the one it got because %s', async (_, first, again) => {
  const { upstream, begun } = upstreamOf(first, [`LIST_REBUILT ${again}`, 'SNAPSHOT 9', 'ALIGNED 9', 'RAISED 10']);
  const lines = await told(upstream, '2');
  expect(begun).toEqual(['2', again]);
  expect(lines.slice(-4)).toEqual(['LIST_REBUILT null', 'SNAPSHOT null', 'ALIGNED 9', 'RAISED 10']);
  expect(lines.filter(line => !line.endsWith('null'))).toEqual([
    ...(again === '3' ? ['RAISED 3'] : []),
    'ALIGNED 9',
    'RAISED 10',
  ]);
});
