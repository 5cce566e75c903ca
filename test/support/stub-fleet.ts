// The fleet service in place of the real one: the real SDL over a table of regions, the directory stream, and feeds that a
// test fills by hand.
import type { Socket } from 'node:net';
import type { ExecutionResult } from 'graphql';
import { openApollo } from '../../runtime/apollo.ts';
import { graphqlRoute } from '../../runtime/graphql-route.ts';
import { serveWebSocket } from '../../runtime/graphql-ws.ts';
import { openDoor } from '../../runtime/http-door.ts';
import { type LineWriter, openLines } from '../../runtime/line-stream.ts';
import { subgraphSchema } from '../../subgraphs/runtime/subgraph-schema.ts';
import { freePort } from './free-ports.ts';
import { quiet } from './settings.ts';
import { aHost, anAlarm, hostIdsOf } from './stub-region.ts';

export interface FleetRegion {
  readonly id: string;
  readonly endpoint: string;
  /** What it reports to run. */
  readonly schemas?: Readonly<Record<string, string>>;
}

/** What a test says of an event; the alarm is that of the region's worker. */
export interface FeedEvent {
  readonly kind: string;
  readonly region?: string;
  readonly cursor: string;
}

export interface StubFleet {
  readonly url: string;
  readonly port: number;
  /** Subscriptions that gateways hold open now. */
  openFeeds(): number;
  /** Sends to every open feed. */
  emit(event: FeedEvent): void;
  /** Ends every open feed. */
  endFeeds(): void;
  /** As while its database is away: cuts every socket, and no feed can be opened until it is over. Answers how to look and to end it. */
  losesDatabase(): { readonly failed: () => number; readonly isBack: () => void };
  /** Changes the table and tells whoever follows the directory. */
  setRegions(regions: readonly FleetRegion[]): void;
  /** The authorization headers of HTTP requests and directory readers, as they came. */
  readonly authorizations: readonly (string | undefined)[];
  /** Dies as a killed process does: every connection is cut. */
  die(): Promise<void>;
}

export interface FleetDeps {
  readonly regions: readonly FleetRegion[];
  readonly token?: string | undefined;
  readonly port?: number;
}

const NOW = new Date('2026-01-01T00:00:00.000Z');

export async function aFleet({ regions: first, token, port }: FleetDeps): Promise<StubFleet> {
  let regions = first;
  const readers = new Set<LineWriter>();
  const feeds = new Set<Feed>();
  const trouble: Trouble = { failed: 0, isThere: false };
  const authorizations: (string | undefined)[] = [];
  const schema = subgraphSchema('fleet', [resolvers(() => regions, feeds, trouble)]);
  const apollo = await openApollo(quiet, { schema });
  const directoryLine = () => ({
    regions: regions.map(region => ({ ...region, name: `Region ${region.id}`, contact: 'ONLINE' })),
  });
  const door = await openDoor({
    host: '127.0.0.1',
    port: port ?? (await freePort()),
    token,
    log: quiet,
    routes: [
      graphqlRoute('/graphql', apollo, async req => {
        authorizations.push(req.headers.authorization);
        return {};
      }),
      {
        path: '/directory',
        handle: exchange => {
          const lines = openLines(exchange);
          readers.add(lines);
          lines.closed.addEventListener('abort', () => readers.delete(lines));
          return lines.write(directoryLine());
        },
      },
    ],
  });
  serveWebSocket({ server: door.server, path: '/graphql', token, log: quiet, schema, context: () => ({}) });
  const sockets = new Set<Socket>();
  door.server.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    url: door.origin,
    port: Number(new URL(door.origin).port),
    openFeeds: () => feeds.size,
    emit: event => {
      for (const feed of feeds) feed.push(event);
    },
    endFeeds: () => {
      for (const feed of feeds) feed.push(null);
    },
    losesDatabase: () => {
      trouble.isThere = true;
      for (const socket of sockets) socket.destroy();
      return {
        failed: () => trouble.failed,
        isBack: () => {
          trouble.isThere = false;
        },
      };
    },
    setRegions: next => {
      regions = next;
      for (const reader of readers) void reader.write(directoryLine());
    },
    authorizations,
    die: async () => {
      const closed = door.close();
      for (const socket of sockets) socket.destroy(); // web sockets too, which no close of an HTTP server reaches
      await closed;
    },
  };
}

interface Trouble {
  failed: number;
  isThere: boolean;
}

interface Feed extends AsyncIterableIterator<ExecutionResult> {
  push(event: FeedEvent | null): void;
}

/** An iterator rather than a generator: it can be left while it waits. */
function openFeed(feeds: Set<Feed>, resultOf: (event: FeedEvent) => object): Feed {
  const waiting: ((result: IteratorResult<ExecutionResult>) => void)[] = [];
  const queued: IteratorResult<ExecutionResult>[] = [];
  const give = (result: IteratorResult<ExecutionResult>): void => {
    const taker = waiting.shift();
    if (taker) taker(result);
    else queued.push(result);
  };
  const feed: Feed = {
    push: event => {
      if (!event) feeds.delete(feed);
      give(event ? { done: false, value: resultOf(event) } : { done: true, value: undefined });
    },
    next: () => {
      const ready = queued.shift();
      return ready ? Promise.resolve(ready) : new Promise(resolve => waiting.push(resolve));
    },
    return: async () => {
      feeds.delete(feed);
      give({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => feed,
  };
  feeds.add(feed);
  return feed;
}

function resolvers(regions: () => readonly FleetRegion[], feeds: Set<Feed>, trouble: Trouble) {
  const regionOf = (id: string) => {
    const found = regions().find(region => region.id === id);
    return found ? aFleetRegion(found) : null;
  };
  const ids = () => regions().map(region => region.id);
  return {
    Query: {
      region: (_: unknown, { id }: { id: string }) => regionOf(id),
      regions: () => listOf(regions().map(aFleetRegion)),
      hosts: () => ({ ...listOf(ids().flatMap(hostIdsOf).map(mirrored(aHost))), asOf: NOW }),
      alarms: () => ({ ...listOf(ids().flatMap(alarmIdsOf).map(mirrored(anAlarm))), asOf: NOW }),
    },
    Mutation: { manageRegion: () => ({ region: regionOf(ids()[0]!), userErrors: [] }) },
    Region: { __resolveReference: ({ id }: { id: string }) => regionOf(id) },
    Subscription: {
      alarmFeed: {
        subscribe: () => {
          if (trouble.isThere) throw new Error(`no database, seen by feed ${++trouble.failed}`);
          return openFeed(feeds, event => ({ alarmFeed: feedEvent(event) }));
        },
      },
    },
  };
}

const aFleetRegion = ({ id, endpoint }: FleetRegion) => ({
  id,
  endpoint,
  name: `Region ${id}`,
  labels: [],
  management: 'UNMANAGED',
  contact: { state: 'ONLINE', lastContactAt: NOW, asOf: NOW },
  alarmSummary: { critical: 0, major: 2, minor: 0, warning: 0, status: 'DEGRADED', asOf: NOW, regionsUnknown: 0 },
  addedAt: NOW,
});

/** The region's first alarm is on no host that is known: its `host` is null. */
const alarmIdsOf = (region: string): string[] =>
  ['on-nothing', 'on-controller-0', 'on-worker-0'].map(a => `${region}/${a}`);

const mirrored =
  <T extends { region: object }>(make: (id: string) => T) =>
  (id: string): object => {
    const row = make(id);
    return id.endsWith('/on-nothing') ? { ...row, host: null } : row;
  };

const feedEvent = ({ kind, region, cursor }: FeedEvent) => ({
  kind,
  cursor,
  at: NOW,
  region: region === undefined ? null : { id: region, name: `Region ${region}` },
  alarm: region === undefined ? null : { ...anAlarm(`${region}/on-worker-0`), host: aHost(`${region}/worker-0`) },
});

const listOf = <T>(nodes: readonly T[]) => ({
  nodes,
  edges: nodes.map(node => ({ cursor: 'c', node })),
  pageInfo: { hasNextPage: false, hasPreviousPage: false },
  totalCount: nodes.length,
});
