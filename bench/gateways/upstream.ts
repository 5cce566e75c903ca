// A process: all subgraphs of a topology. Any correct request is answered by GraphQL once and from memory ever after, so
// that every gateway, however it asks, gets correct data at next to no cost. `upstream.ts <name>`; its first line of output
// is a JSON object of addresses.
import { STATUS_CODES } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { execute, type GraphQLSchema, parse, validate } from 'graphql';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { openDoor } from '../../runtime/http-door.ts';
import { planDoor } from '../../subgraphs/edge/plan-door.ts';
import { type Answer, type LeanResponse, listenLean, responseOf } from './lean-server.ts';
import { type Subgraph, TOPOLOGIES } from './topology.ts';

process.on('disconnect', () => process.exit()); // the bench is gone, however it went

export interface UpstreamAddresses {
  /** GraphQL address by central subgraph. */
  readonly services: Readonly<Record<string, string>>;
  /** `http://host:port/<region>` by region id. */
  readonly regions: Readonly<Record<string, string>>;
  /** POST the answer that the slices of the floor make up; any POST answers the number of requests so far. */
  readonly control: string;
}

let requests = 0;
let slices: readonly LeanResponse[] = [];

const NOT_FOUND = '{"errors":[{"message":"Nothing answers here.","extensions":{"code":"NOT_FOUND"}}]}';
const SLICE = /\/slice\/(\d+)$/;

type Special = (path: string, body: string) => LeanResponse | Promise<LeanResponse> | null;

function answering(schemas: ReadonlyMap<string, GraphQLSchema>, special: Special): Answer {
  const known = new Map<string, LeanResponse>();
  return (path, body) => {
    requests++;
    const key = `${path} ${body}`;
    const ready = known.get(key);
    if (ready) return ready;
    const answer = special(path, body) ?? answerOnce(path, body);
    return answer instanceof Promise ? answer.then(response => remember(key, response)) : answer;
  };
  function remember(key: string, response: LeanResponse): LeanResponse {
    known.set(key, response);
    return response;
  }
  async function answerOnce(path: string, body: string): Promise<LeanResponse> {
    const slice = SLICE.exec(path)?.[1];
    if (slice !== undefined) return slices[Number(slice)]!;
    const schema = schemas.get(path);
    if (!schema) return responseOf(NOT_FOUND, 'application/json', '404 Not Found');
    const { query, variables } = JSON.parse(body);
    const document = parse(query);
    const errors = validate(schema, document);
    const result = errors.length > 0 ? { errors } : await execute({ schema, document, variableValues: variables });
    if (result.errors) console.error(JSON.stringify(result.errors.slice(0, 2)), query);
    return responseOf(JSON.stringify(result));
  }
}

const schemaOf = ({ sdl, resolvers }: Subgraph): GraphQLSchema =>
  buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as GraphQLResolverMap<unknown> });

/** The edge doors of all regions, as regions run them, over the subgraphs of this process. */
async function openPlanDoors(regions: readonly string[], schemas: ReadonlyMap<string, GraphQLSchema>) {
  const subgraphs = new Map(
    [...schemas].map(([name, schema]) => [
      name,
      async (query: string, variables: Readonly<Record<string, unknown>>) =>
        JSON.parse(JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables }))),
    ]),
  );
  const log = pino({ level: 'silent' });
  const routes = regions.map(region => planDoor({ region, subgraphs }));
  const { origin } = await openDoor({ host: '127.0.0.1', port: 0, log, routes });
  // a thousand regions are asked at once for the first time: they wait here, however long
  const dispatcher = new Agent({ connections: 8, connect: { timeout: 0 }, headersTimeout: 0, bodyTimeout: 0 });
  return async (path: string, body: string): Promise<LeanResponse> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await request(`${origin}${path}`, { method: 'POST', headers, body, dispatcher });
    return responseOf(
      await answer.body.text(),
      'application/json',
      `${answer.statusCode} ${STATUS_CODES[answer.statusCode]}`,
    );
  };
}

async function main(name: string): Promise<void> {
  const { central, edge, regions: regionIds, oneWayMs, floorRequests } = TOPOLOGIES[name]!;
  const regions: Record<string, string> = {};
  const edgeSchemas = edge.map(subgraph => [subgraph.name, schemaOf(subgraph)] as const);
  const askDoor = await openPlanDoors(regionIds, new Map(edgeSchemas));
  for (const id of regionIds) {
    const byPath = new Map(edgeSchemas.map(([subgraph, schema]) => [`/${id}/${subgraph}/graphql`, schema]));
    const special = (path: string, body: string) => (path === `/${id}/plan` ? askDoor(path, body) : null);
    const port = await listenLean({ answer: answering(byPath, special), oneWayMs });
    regions[id] = `http://127.0.0.1:${port}/${id}`;
  }
  const table = JSON.stringify({
    regions: Object.entries(regions).map(([id, endpoint]) => ({ id, endpoint, contact: 'ONLINE' })),
  });
  const directory: LeanResponse = {
    head: Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/jsonl\r\nconnection: close\r\n\r\n${table}\n`),
    beat: Buffer.from('{}\n'),
    everyMs: 2_000, // as the fleet service beats
  };
  const services: Record<string, string> = {};
  for (const subgraph of central) {
    const schemas = new Map([['/graphql', schemaOf(subgraph)]]);
    const special = (path: string): LeanResponse | null => (path === '/directory' ? directory : null);
    services[subgraph.name] =
      `http://127.0.0.1:${await listenLean({ answer: answering(schemas, special), oneWayMs: 0 })}/graphql`;
  }
  const control = await listenLean({
    oneWayMs: 0,
    answer: (_, body) => {
      if (body !== '') slices = cut(body, floorRequests).map(text => responseOf(text, 'text/plain'));
      return responseOf(String(requests));
    },
  });
  const addresses: UpstreamAddresses = { services, regions, control: `http://127.0.0.1:${control}/` };
  console.log(JSON.stringify(addresses));
}

function cut(text: string, count: number): string[] {
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) => text.slice(i * size, (i + 1) * size));
}

await main(process.argv[2] ?? '');
