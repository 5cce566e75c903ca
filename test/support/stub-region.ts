// A region in place of the real one: the real SDL of its three subgraphs over fixed hosts and alarms, behind one door that
// can be told to misbehave in every way a network and a broken program know.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { execute, type GraphQLSchema, parse, validate } from 'graphql';
import { EDGE_SUBGRAPHS, type EdgeSubgraph, hashOfSdl, readSubgraph } from '../../schema/sources.ts';
import { planDoor } from '../../subgraphs/edge/plan-door.ts';
import { type Resolvers, subgraphSchema } from '../../subgraphs/runtime/subgraph-schema.ts';

export interface RegionRequest {
  readonly region: string;
  readonly subgraph: EdgeSubgraph;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

/** What the door does with a request; `honest` answers as if nothing were wrong. */
export type Behaviour = (exchange: {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly honest: () => Promise<object>;
}) => Promise<void> | void;

export interface StubRegion {
  readonly id: string;
  /** `http://host:port/<region>` */
  readonly endpoint: string;
  readonly requests: readonly RegionRequest[];
  /** Plans that its edge door was handed, as they came; a region without one answers 404. */
  readonly plans: readonly string[];
  /** What it was sent there, of those that it answered honestly. */
  readonly doorRequests: readonly Readonly<Record<string, unknown>>[];
  /** As after a new start of its edge door. */
  forgetPlans(): void;
  /** Of the edge door, from now on. */
  behaveAtDoor(behaviour: Behaviour): void;
  /** From now on, for one subgraph or for all. */
  behave(behaviour: Behaviour, subgraph?: EdgeSubgraph): void;
  /** From now on this SDL is that of the subgraph: the region is on another release. */
  runs(subgraph: EdgeSubgraph, sdl: string): void;
  /** What it would report to run. */
  reports(): Record<string, string>;
  /** Honest again, and no request remembered. */
  reset(): void;
  close(): Promise<void>;
}

/** Called with each request before it is answered, whatever the region does then. */
type Witness = (request: RegionRequest) => void;

export async function aRegion(
  id: string,
  witness: Witness = () => undefined,
  { hasDoor = false }: { hasDoor?: boolean } = {},
): Promise<StubRegion> {
  const requests: RegionRequest[] = [];
  const plans: string[] = [];
  const schemas = { ...SCHEMAS };
  let atDoor: Behaviour | undefined;
  const doorRequests: Record<string, unknown>[] = [];
  const aDoor = () =>
    planDoor({
      region: id,
      subgraphs: new Map(
        EDGE_SUBGRAPHS.map(name => [
          name,
          async (query, variables) => {
            const request = { region: id, subgraph: name, query, variables, authorization: undefined };
            return JSON.parse(JSON.stringify(await answerTo(schemas[name], request)));
          },
        ]),
      ),
    });
  let door = aDoor();
  const behaviours = new Map<EdgeSubgraph, Behaviour>();
  const releases = new Map<EdgeSubgraph, string>();
  const server = http.createServer(async (req, res) => {
    const subgraph = EDGE_SUBGRAPHS.find(name => req.url === `/${id}/${name}/graphql`);
    if (hasDoor && req.url === door.path) {
      const url = new URL(req.url, 'http://door');
      const exchange = { req, res, url, closing: new AbortController().signal };
      plans.push(req.url);
      const chunks: Buffer[] = [];
      req.on('data', chunk => chunks.push(chunk));
      req.once('end', () => doorRequests.push(JSON.parse(Buffer.concat(chunks).toString())));
      if (atDoor) return atDoor({ req, res, honest: () => caught(kept => door.handle({ ...exchange, res: kept })) });
      return door.handle(exchange);
    }
    if (!subgraph) return void res.writeHead(404).end();
    const { query, variables = {} } = JSON.parse(await text(req));
    const request = { region: id, subgraph, query, variables, authorization: req.headers.authorization };
    requests.push(request);
    witness(request);
    const honest = () => answerTo(schemas[subgraph], request);
    await (behaviours.get(subgraph) ?? honestly)({ req, res, honest });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    id,
    endpoint: `http://127.0.0.1:${port}/${id}`,
    requests,
    plans,
    doorRequests,
    forgetPlans: () => {
      door = aDoor();
    },
    behaveAtDoor: behaviour => {
      atDoor = behaviour;
    },
    behave: (behaviour, subgraph) => {
      for (const name of subgraph ? [subgraph] : EDGE_SUBGRAPHS) behaviours.set(name, behaviour);
    },
    runs: (subgraph, sdl) => {
      releases.set(subgraph, sdl);
      schemas[subgraph] = schemaOf(subgraph, sdl);
    },
    reports: () =>
      Object.fromEntries(EDGE_SUBGRAPHS.map(name => [name, hashOfSdl(releases.get(name) ?? readSubgraph(name))])),
    reset: () => {
      behaviours.clear();
      atDoor = undefined;
      requests.length = 0;
      plans.length = 0;
      doorRequests.length = 0;
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a handler would send. */
const caught = (handle: (res: ServerResponse) => unknown): Promise<object> =>
  new Promise(resolve => {
    const kept = { writeHead: () => kept, end: (body: string | Buffer) => resolve(JSON.parse(String(body))) };
    handle(kept as unknown as ServerResponse);
  });

/** Also refuses what the SDL does not allow, so that no wrong request passes unseen. */
async function answerTo(schema: GraphQLSchema, { query, variables, region }: RegionRequest): Promise<object> {
  const document = parse(query);
  const errors = validate(schema, document);
  if (errors.length > 0)
    return { errors: errors.map(({ message }) => ({ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })) };
  return execute({ schema, document, variableValues: variables, contextValue: { region } });
}

export const honestly: Behaviour = async ({ res, honest }) => sendJson(res, 200, await honest());
export const hangs: Behaviour = () => undefined;
export const resets: Behaviour = ({ req }) => void req.socket.resetAndDestroy();
export const breaksOff: Behaviour = ({ res }) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.write('{"data":{', () => res.socket?.resetAndDestroy());
};
export const trickles: Behaviour = async ({ res }) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  while (!res.closed) {
    res.write(' ');
    await pause(20);
  }
};
export const sends =
  (status: number, body: string, type = 'application/json'): Behaviour =>
  ({ res }) =>
    void res.writeHead(status, { 'content-type': type }).end(body);
/** The honest answer, changed. */
export const distorts =
  // biome-ignore lint/suspicious/noExplicitAny: a test reaches into an answer as it likes
    (change: (answer: any) => object): Behaviour =>
    async ({ res, honest }) =>
      sendJson(res, 200, change(JSON.parse(JSON.stringify(await honest()))));

function sendJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

const NOW = new Date('2026-01-01T00:00:00.000Z');
const HOSTNAMES = ['controller-0', 'worker-0'] as const;

const localOf = (id: string): string => id.slice(id.indexOf('/') + 1);
const listOf = <T>(nodes: readonly T[]) => ({
  nodes,
  edges: nodes.map(node => ({ cursor: 'c', node })),
  pageInfo: { hasNextPage: false, hasPreviousPage: false },
  totalCount: nodes.length,
});

/** Every region has these two hosts, `<region>/controller-0` and `<region>/worker-0`. */
export const aHost = (id: string) => ({
  __typename: 'Host',
  id,
  region: { id: id.split('/')[0] },
  hostname: localOf(id),
  personality: localOf(id).startsWith('controller') ? 'CONTROLLER' : 'WORKER',
  availability: 'AVAILABLE',
  cpu: { model: `cpu of ${id}`, sockets: 1, cores: 2, threads: 4, smt: true, architecture: 'x86_64' },
  memory: [],
});

export const hostIdsOf = (region: string): string[] => HOSTNAMES.map(name => `${region}/${name}`);

/** One alarm a host: `<region>/on-controller-0`. */
export const anAlarm = (id: string) => ({
  __typename: 'Alarm',
  id,
  region: { id: id.split('/')[0] },
  alarmId: '100.101',
  severity: 'MAJOR',
  entityInstanceId: `host=${localOf(id).replace('on-', '')}`,
  reasonText: `reason of ${id}`,
  raisedAt: NOW,
  updatedAt: NOW,
  sequence: '1',
  host: { __typename: 'Host', id: id.replace('/on-', '/') },
});

interface OfRegion {
  readonly region: string;
}
interface ById {
  readonly id: string;
}
type MutationArgs = { input: { id?: string; region?: string; entityInstanceId?: string } };

const changed = (_: unknown, { input }: MutationArgs) => ({
  alarm: anAlarm(input.id ?? `${input.region}/on-${input.entityInstanceId?.replace('host=', '')}`),
  userErrors: [],
});
const known = (id: string, context: OfRegion): boolean =>
  HOSTNAMES.some(name => id === `${context.region}/${name}` || id === `${context.region}/on-${name}`);

const RESOLVERS: Record<EdgeSubgraph, Resolvers> = {
  inventory: {
    Query: { host: (_: unknown, { id }: ById, context: OfRegion) => (known(id, context) ? aHost(id) : null) },
    Mutation: { updateHost: (_: unknown, { input }: MutationArgs) => ({ host: aHost(input.id!), userErrors: [] }) },
    Region: {
      __resolveReference: ({ id }: ById) => ({ id }),
      hosts: ({ id }: ById) => listOf(hostIdsOf(id).map(aHost)),
    },
    Host: { __resolveReference: ({ id }: ById) => aHost(id) },
  },
  faults: {
    Query: { alarm: (_: unknown, { id }: ById, context: OfRegion) => (known(id, context) ? anAlarm(id) : null) },
    Mutation: { raiseAlarm: changed, clearAlarm: changed, acknowledgeAlarm: changed, unacknowledgeAlarm: changed },
    Region: {
      __resolveReference: ({ id }: ById) => ({ id }),
      alarms: ({ id }: ById) => listOf(HOSTNAMES.map(name => anAlarm(`${id}/on-${name}`))),
    },
    Host: {
      __resolveReference: ({ id }: ById) => ({ id }),
      alarms: ({ id }: ById) => listOf([anAlarm(id.replace('/', '/on-'))]),
    },
    Alarm: { __resolveReference: ({ id }: ById) => anAlarm(id) },
  },
  software: {
    Region: { __resolveReference: ({ id }: ById) => ({ id }), releases: () => listOf([]) },
    Host: {
      __resolveReference: ({ id }: ById) => ({ id }),
      software: ({ id }: ById) => ({ release: `release of ${id}`, reportedAt: NOW }),
    },
  },
};

const SCHEMAS = Object.fromEntries(
  EDGE_SUBGRAPHS.map(name => [name, subgraphSchema(name, [RESOLVERS[name]])]),
) as Record<EdgeSubgraph, GraphQLSchema>;

/** A schema of another release: resolvers for what it does not know are left unused. */
function schemaOf(name: EdgeSubgraph, sdl: string): GraphQLSchema {
  const resolvers = RESOLVERS[name] as unknown as GraphQLResolverMap<unknown>;
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers });
  schema.getQueryType()!.getFields()['_service']!.resolve = () => ({ sdl });
  return schema;
}
