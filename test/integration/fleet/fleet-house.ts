// A real centre for tests, its doors on a free port, and what operators and dashboards do at them.
import { createClient } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import type { Config, ConfigInput } from '../../../runtime/config.ts';
import type { Part } from '../../../runtime/part.ts';
import { startFleet } from '../../../subgraphs/central/fleet/main.ts';
import { centreDatabase, databaseUrl } from '../../../subgraphs/runtime/database.ts';
import { freePort } from '../../support/free-ports.ts';
import { quiet, testConfig } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { type Answer, ask, post, refusal, type Variables } from '../edge/ask.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape that it asked for
export type Data = any;

export interface Centre {
  readonly config: Config;
  ask(query: string, variables?: Variables): Promise<Data>;
  post(query: string, variables?: Variables): Promise<Answer>;
  refusal(query: string, variables?: Variables): Promise<string | undefined>;
  /** The payload of a mutation on regions: `addRegion` and its kind. */
  change(field: string, input: Variables, result?: string): Promise<Data>;
  region(id: string): Promise<Data>;
  alarms(filter?: Variables, args?: string): Promise<Data>;
  rows(text: string, parameters?: unknown[]): Promise<Data[]>;
  /** Runs a statement in a transaction that stays open, with its locks, until the release. */
  hold(text: string, parameters?: unknown[]): Promise<{ release(): Promise<void> }>;
  /** Adds the region and resolves once it has been copied: from then on its changes arrive as transitions. */
  join(id: string, endpoint: string, input?: Variables): Promise<void>;
  subscribe(query: string, variables?: Variables): Subscriber;
  close(): Promise<void>;
}

export interface Subscriber {
  /** Values of the subscription's only field so far. */
  readonly events: Data[];
  readonly errors: Data[];
  until(what: string, holds: (events: Data[]) => unknown, deadlineMs?: number): Promise<Data[]>;
  close(): Promise<void>;
}

/** With `config` of another centre: a second replica of it. */
export async function aCentre(overrides: ConfigInput = {}, replicaOf?: Centre): Promise<Centre> {
  const port = await freePort();
  const { prefix } = (replicaOf?.config ?? testConfig()).database;
  const config = testConfig({ ...overrides, database: { prefix }, fleet: { ...overrides.fleet, port } });
  const part: Part = await startFleet({ config, log: quiet });
  const url = `${part.url}/graphql`;
  const connected = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: databaseUrl(config.database.url!, centreDatabase(prefix)) });
    await client.connect();
    await client.query('set search_path = fleet');
    return client;
  };
  const centre: Centre = {
    config,
    ask: (query, variables) => ask(url, query, variables),
    post: (query, variables) => post(url, query, variables),
    refusal: (query, variables) => refusal(url, query, variables),
    change: async (field, input, result = `region { ${REGION} }`) => {
      const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
      const mutation = `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${result} userErrors { code message path } } }`;
      return (await ask(url, mutation, { input })).payload;
    },
    region: async id => (await ask(url, `query ($id: ID!) { region(id: $id) { ${REGION} } }`, { id })).region,
    alarms: async (filter = {}, args = '') =>
      (await ask(url, `query ($filter: AlarmFilter) { alarms(filter: $filter${args}) { ${ALARMS} } }`, { filter }))
        .alarms,
    rows: async (text, parameters = []) => {
      const client = await connected();
      try {
        return (await client.query(text, parameters)).rows;
      } finally {
        await client.end();
      }
    },
    hold: async (text, parameters = []) => {
      const client = await connected();
      await client.query('begin');
      await client.query(text, parameters);
      return { release: () => client.end() };
    },
    join: async (id, endpoint, input = {}) => {
      await centre.change('addRegion', { id, endpoint, ...input });
      const copied = () => centre.rows('select 1 from region_position where region = $1', [id]);
      await eventually(`the first copy of ${id}`, async () => (await copied()).length === 2);
      const contact = () => centre.ask(`{ region(id: "${id}") { contact { state } } }`);
      await eventually(`contact with ${id}`, async () => (await contact()).region.contact.state === 'ONLINE');
    },
    subscribe: (query, variables = {}) => subscribe(url.replace('http', 'ws'), query, variables),
    close: () => part.close(),
  };
  return centre;
}

const SUMMARY = 'critical major minor warning status asOf regionsUnknown';
const REGION = `id name description group { name } location { label latitude } labels { key value } endpoint management
  contact { state lastContactAt reason } alarmSummary { ${SUMMARY} }`;
const ALARMS = `nodes { id region { id } alarmId severity entityInstanceId reasonText acknowledged { comment } raisedAt sequence
  host { id hostname } } totalCount asOf pageInfo { hasNextPage endCursor }`;

export const FEED = `subscription ($filter: AlarmFilter, $after: Cursor) { alarmFeed(filter: $filter, after: $after) {
  kind cursor at region { id } alarm { id severity entityInstanceId sequence clearedAt acknowledged { comment } } } }`;

function subscribe(url: string, query: string, variables: Variables): Subscriber {
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  const events: Data[] = [];
  const errors: Data[] = [];
  const stop = client.subscribe<Record<string, unknown>>(
    { query, variables },
    {
      next: ({ data, errors: faults }) => {
        if (faults) errors.push(...faults);
        if (data) events.push(Object.values(data)[0]);
      },
      error: error => errors.push(...(Array.isArray(error) ? error : [error])),
      complete: () => {},
    },
  );
  return {
    events,
    errors,
    until: (what, holds, deadlineMs) =>
      eventually(
        what,
        () => {
          if (errors.length > 0) throw new Error(JSON.stringify(errors));
          return holds(events) ? events : null;
        },
        deadlineMs,
      ),
    close: async () => {
      stop();
      await client.dispose();
    },
  };
}
