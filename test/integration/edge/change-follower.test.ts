// A follower against a door that is told what to say: when it asks for snapshots, and that what breaks off does not count.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { EdgeSubgraph } from '../../../schema/sources.ts';
import { type Follower, follow, type Position } from '../../../subgraphs/runtime/change-follower.ts';
import type { ChangeLine } from '../../../subgraphs/runtime/change-lines.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';

const left = leftovers();
const EPOCH = '00000000-0000-4000-8000-000000000001';
const at = (sequence: string) => ({ sequence, epoch: EPOCH });

type Say = (line: ChangeLine) => void;

interface Scene {
  readonly asked: string[];
  /** What was stored, in order. */
  readonly told: string[];
  readonly follower: Follower;
}

/** `answer` is called with each request; what it says is sent, and the connection stays open unless it answers 'END'. */
async function aScene(
  positions: Map<EdgeSubgraph, Position>,
  answer: (query: string, say: Say, nth: number) => 'END' | undefined,
): Promise<Scene> {
  const asked: string[] = [];
  const told: string[] = [];
  const server = http.createServer((req, res) => {
    const query = decodeURIComponent(new URL(req.url!, 'http://x').search.slice(1));
    const say: Say = line => void res.write(`${JSON.stringify(line)}\n`);
    if (answer(query, say, asked.push(query)) === 'END') res.end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const stop = new AbortController();
  const follower = follow({
    region: 'lagos-1',
    door: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lagos-1`,
    headers: {},
    log: quiet,
    signal: stop.signal,
    positions: async () => new Map(positions),
    apply: async (source, changes) => {
      positions.set(source, at(changes.at(-1)!.sequence));
      told.push(`${source} ${changes.map(change => change.sequence)}`);
    },
    snapshot: (source, from, head) => {
      const rows: string[] = [];
      return {
        page: async page => void rows.push(...page.map(row => row.entityId)),
        complete: async () => {
          positions.set(source, head);
          told.push(`${source} ${from.sequence}>${head.sequence}: ${rows}`);
        },
      };
    },
    aligned: () => told.push('aligned'),
    heard: () => {},
    lost: () => {},
  });
  left.add(async () => {
    stop.abort();
    await follower.ended;
    server.closeAllConnections();
    server.close();
  });
  return { asked, told, follower };
}

const hello = (heads: object): ChangeLine => ({ hello: { region: 'lagos-1', heads, schemas: {} } });
const part = (source: EdgeSubgraph, sequence: string, ids: string[], isLast = false): ChangeLine => ({
  snapshot: { source, at: at(sequence), rows: ids.map(entityId => ({ entityId, row: {} })), isLast },
});
const change = (sequence: string) => ({ sequence, at: '', kind: 'RAISED', entityId: 'x', row: {} });

test('takes a snapshot of the source that no longer keeps what follows its position, and goes on after it', async () => {
  const heads = { inventory: { ...at('4'), oldest: '0' }, faults: { ...at('9'), oldest: '7' } };
  const { asked, told } = await aScene(
    new Map<EdgeSubgraph, Position>([
      ['inventory', at('4')],
      ['faults', at('3')],
    ]),
    (query, say) => {
      say(hello(heads));
      if (!query.includes('snapshot')) return undefined;
      say(part('faults', '9', ['a']));
      say(part('faults', '9', ['b']));
      say(part('faults', '9', [], true));
      say({ source: 'faults', changes: [change('10')] });
      return undefined;
    },
  );
  await eventually('the change', () => told.includes('faults 10'));
  expect(asked).toEqual(['inventory=4&faults=3', 'inventory=4&snapshot=faults']);
  expect(told).toEqual(['faults 3>9: a,b', 'aligned', 'faults 10']);
});

test('a snapshot that breaks off counts for nothing, and is taken anew from its beginning', async () => {
  const { told } = await aScene(
    new Map<EdgeSubgraph, Position>([['faults', { epoch: null, sequence: '0' }]]),
    (query, say, nth) => {
      say(hello({ faults: { ...at('2'), oldest: '0' } }));
      if (!query.includes('snapshot')) return undefined;
      say(part('faults', '2', ['a']));
      if (nth === 2) return 'END';
      say(part('faults', '2', ['b']));
      say(part('faults', '2', [], true));
      return undefined;
    },
  );
  await eventually('aligned', () => told.includes('aligned'));
  expect(told).toEqual(['faults 0>2: a,b', 'aligned']);
});

test('a gap in the changes ends the connection before anything of them is stored', async () => {
  const { asked, told } = await aScene(new Map<EdgeSubgraph, Position>([['faults', at('2')]]), (_, say, nth) => {
    say(hello({ faults: { ...at('5'), oldest: '0' } }));
    say({ source: 'faults', changes: nth === 1 ? [change('3'), change('5')] : ['3', '4', '5'].map(change) });
    return undefined;
  });
  await eventually('aligned', () => told.includes('aligned'));
  expect(told).toEqual(['faults 3,4,5', 'aligned']);
  expect(asked).toEqual(['faults=2', 'faults=2']);
});

test('a check asked for again while one is under way does not begin it again, and one after it does', async () => {
  const says: Say[] = [];
  const { asked, told, follower } = await aScene(
    new Map<EdgeSubgraph, Position>([['faults', at('2')]]),
    (query, say) => {
      say(hello({ faults: { ...at('2'), oldest: '0' } }));
      if (query.includes('snapshot')) says.push(say);
      return undefined;
    },
  );
  await eventually('aligned', () => told.includes('aligned'));
  follower.check();
  await eventually('the request', () => says.length === 1);
  follower.check();
  says[0]!(part('faults', '2', ['a'], true));
  await eventually('the comparison', () => told.some(word => word.startsWith('faults 2>2')));
  expect(asked).toEqual(['faults=2', 'faults=2', 'faults=2&snapshot=faults']);
  follower.check();
  await eventually('the next', () => says.length === 2);
});

test('a source that must be taken anew comes before the comparison of all', async () => {
  const heads = { inventory: { ...at('4'), oldest: '0' }, faults: { ...at('9'), oldest: '7' } };
  const { asked, told, follower } = await aScene(
    new Map<EdgeSubgraph, Position>([
      ['inventory', at('4')],
      ['faults', at('3')],
    ]),
    (query, say) => {
      say(hello(heads));
      for (const source of ['inventory', 'faults'] as const)
        if (query.includes(`snapshot=${source}`)) say(part(source, heads[source].sequence, [], true));
      return undefined;
    },
  );
  follower.check();
  await eventually('both compared', () => told.includes('inventory 4>4: ') && told.includes('faults 9>9: '));
  expect(told.filter(word => word !== 'aligned')).toEqual(['faults 3>9: ', 'inventory 4>4: ', 'faults 9>9: ']);
  expect(asked).toContain('inventory=4&snapshot=faults');
  expect(asked.at(-1)).toBe('inventory=4&snapshot=inventory&faults=9&snapshot=faults');
});
