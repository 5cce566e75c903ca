// The supergraph changes while clients are connected: what is open stays open, what begins sees the new graph.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DocumentNode } from 'graphql';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { ExecutionEngine } from '../../../gateway/execution/engine.ts';
import { engineGenerations } from '../../../gateway/execution/engine-generations.ts';
import { murmurationEngine } from '../../../gateway/execution/murmuration-engine.ts';
import { promptReturn } from '../../../runtime/prompt-return.ts';
import { readSupergraph } from '../../../schema/sources.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway } from './gateway-stack.ts';
import { aSocket } from './socket-client.ts';

const left = leftovers();
const FIRST = readSupergraph();
/** The same graph with a description changed: a text of its own, and as costly to load. */
const changed = (n: number): string => FIRST.replace('type Query', `"Change ${n}." type Query`);

describe('a gateway that follows a supergraph file', () => {
  it('serves a change without a restart, ends no feed, and keeps what it has when the file is broken', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'supergraph-'));
    left.add(() => fs.rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'supergraph.graphql');
    fs.writeFileSync(file, FIRST);
    const stack = await aGateway(['r1'], left, { gateway: { supergraph: file } });
    const socket = aSocket(stack.url);
    left.add(() => socket.close());
    const feeds = [1, 2, 3].map(() => socket.run('subscription { alarmFeed { cursor alarm { host { hostname } } } }'));
    await eventually('the feeds are open', () => stack.fleet.openFeeds() === 3);
    const told = async (): Promise<string | null> =>
      (await stack.ask('{ __type(name: "Query") { description } }')).data.__type.description;
    expect(await told()).not.toBe('Change 1.');
    fs.writeFileSync(file, changed(1));
    await eventually('the change is served', async () => (await told()) === 'Change 1.');
    fs.writeFileSync(file, `${changed(2)} type {`);
    stack.fleet.emit({ kind: 'RAISED', region: 'r1', cursor: '1' });
    for (const feed of feeds) await feed.until(1);
    fs.writeFileSync(file, changed(3));
    await eventually('the next change is served', async () => (await told()) === 'Change 3.');
    stack.fleet.emit({ kind: 'RAISED', region: 'r1', cursor: '2' });
    for (const feed of feeds) {
      await feed.until(2);
      expect(feed.results.map(({ data }) => data)).toEqual(
        ['1', '2'].map(cursor => ({ alarmFeed: { cursor, alarm: { host: { hostname: 'worker-0' } } } })),
      );
    }
    expect(stack.fleet.openFeeds()).toBe(3);
  });
});

describe('generations of engines', () => {
  /** Its streams give one event, and another for each turn. */
  const anEngine = (name: string, closed: string[]): ExecutionEngine => {
    const schema = {} as ExecutionEngine['apiSchema'];
    return {
      name,
      apiSchema: schema,
      gateway: {
        onSchemaLoadOrUpdate: listener => {
          listener({ apiSchema: schema, coreSupergraphSdl: name });
          return () => undefined;
        },
        load: async () => ({ executor: async () => ({ data: { name } }) }),
        stop: async () => undefined,
      },
      subscribe: async function* () {
        for (;;) yield { result: { data: { name } }, cursor: null };
      },
      close: async () => void closed.push(name),
    };
  };
  const request = { document: {} as DocumentNode, variables: {} };

  it('are closed once nothing is left of them, and never before', async () => {
    const closed: string[] = [];
    const engines = await engineGenerations({ open: name => anEngine(name, closed), log: quiet }, '0');
    const old = engines.subscribe(request);
    expect((await old.next()).value.result.data).toEqual({ name: '0' });
    const never = engines.subscribe(request);
    for (const name of ['1', '2', '3']) await engines.reload(name);
    expect(engines.name).toBe('3');
    expect(closed).toEqual(['1']);
    await never.return(undefined);
    expect(closed).toEqual(['1']);
    await old.return(undefined);
    expect(closed).toEqual(['1', '0']);
    expect(engines.alive()).toBe(2);
    await engines.close?.();
    expect(closed.sort()).toEqual(['0', '1', '2', '3']);
  });

  it('keep the one that runs when the next one cannot be made', async () => {
    const open = (name: string): ExecutionEngine => {
      if (name === 'broken') throw new Error('no supergraph');
      return anEngine(name, []);
    };
    const engines = await engineGenerations({ open, log: quiet }, 'first');
    await expect(engines.reload('broken')).rejects.toThrow('no supergraph');
    expect(engines.name).toBe('first');
    expect(engines.alive()).toBe(1);
  });

  it('change a hundred times under open streams, and end none of them', async () => {
    const closed: string[] = [];
    const engines = await engineGenerations({ open: name => anEngine(name, closed), log: quiet }, '0');
    const streams = [];
    for (let i = 1; i <= 100; i++) {
      streams.push(engines.subscribe(request));
      await engines.reload(String(i));
    }
    for (const [i, stream] of streams.entries()) {
      const { done, value } = await stream.next();
      expect([done, value.result.data]).toEqual([false, { name: String(i) }]);
    }
    expect(closed).toEqual([]);
    await Promise.all(streams.map(stream => stream.return(undefined)));
    expect(engines.alive()).toBe(2);
  });

  it('of the real engine change under open feeds, and end none of them', async () => {
    const feeding = new Set<() => void>();
    const upstream = {
      subscribe: () => {
        const waiting: (() => void)[] = [];
        let isOver = false;
        const give = (): void => waiting.shift()?.();
        feeding.add(give);
        const feed = (async function* () {
          for (let i = 1; ; i++) {
            await new Promise<void>(resolve => waiting.push(resolve));
            if (isOver) return;
            const cursor = String(i);
            yield { data: { alarmFeed: { cursor, murmuration_cursor: cursor, murmuration_kind: 'HEARTBEAT' } } };
          }
        })();
        return promptReturn(feed, () => {
          isOver = true;
          give();
        });
      },
      close: async () => undefined,
    };
    const deps = {
      router: {} as never,
      regions: { directory: { get: () => undefined } } as never,
      upstream,
      log: quiet,
    };
    const engines = await engineGenerations(
      {
        open: supergraphSdl => murmurationEngine({ supergraphSdl, planner: 'auto', shareQueries: true, ...deps }),
        log: quiet,
      },
      FIRST,
    );
    const feeds = Array.from({ length: 5 }, () =>
      engines.subscribe({ document: parse('subscription { alarmFeed { cursor } }'), variables: {} }),
    );
    const first = feeds.map(feed => feed.next());
    await eventually('the feeds are open', () => feeding.size === 5);
    for (let i = 0; i < 10; i++) await engines.reload(changed(i));
    expect(engines.alive()).toBe(3);
    await eventually('each feed waits', () => {
      for (const feed of feeding) feed();
      return true;
    });
    for (const { done, value } of await Promise.all(first))
      expect([done, JSON.parse(JSON.stringify(value.result))]).toEqual([
        false,
        { data: { alarmFeed: { cursor: '1' } } },
      ]);
    await Promise.all(feeds.map(feed => feed.return(undefined)));
    expect(engines.alive()).toBe(2);
    await engines.close?.();
  });
});
