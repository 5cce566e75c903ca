// Real regions for tests: doors on a free port, databases of their own; may be stopped, wiped and started again.
import pg from 'pg';
import type { Config, ConfigInput } from '../../../runtime/config.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { Part } from '../../../runtime/part.ts';
import type { EdgeSubgraph } from '../../../schema/sources.ts';
import { startRegions } from '../../../subgraphs/edge/main.ts';
import { databaseUrl, regionDatabase } from '../../../subgraphs/runtime/database.ts';
import { aHost, anAlarm, type RaiseAlarmInput } from '../../support/builders.ts';
import { freePort } from '../../support/free-ports.ts';
import { quiet, testConfig } from '../../support/settings.ts';
import { type Answer, ask, post, type Variables } from './ask.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape that it asked for
type Data = any;

export interface House {
  readonly config: Config;
  /** `http://host:port/<region>` */
  door(region?: string): string;
  url(subgraph: EdgeSubgraph, region?: string): string;
  /** Rows of a region's database. */
  rows(text: string, parameters?: unknown[], region?: string): Promise<Data[]>;
  start(): Promise<void>;
  /** Closes the doors; the databases stay. */
  stop(): Promise<void>;
  /** Drops the databases of the stopped regions. */
  wipe(): Promise<void>;
}

export async function aHouse(
  regions: readonly string[],
  overrides: ConfigInput = {},
  log: Logger = quiet,
): Promise<House> {
  const port = await freePort();
  const doors = Object.fromEntries(regions.map(region => [region, `http://127.0.0.1:${port}/${region}`]));
  const config = testConfig({ ...overrides, doors });
  const first = regions[0]!;
  const nameOf = (region: string): string => regionDatabase(config.database.prefix, region);
  let part: Part | undefined;
  const house: House = {
    config,
    door: (region = first) => doors[region]!,
    url: (subgraph, region = first) => `${doors[region]}/${subgraph}/graphql`,
    rows: async (text, parameters = [], region = first) =>
      (await query(databaseUrl(config.database.url!, nameOf(region)), text, parameters)).rows,
    start: async () => {
      part = await startRegions({ config, log, regions });
    },
    stop: async () => {
      await part?.close();
      part = undefined;
    },
    wipe: async () => {
      for (const region of regions) await query(config.database.url!, `drop database "${nameOf(region)}" with (force)`);
    },
  };
  await house.start();
  return house;
}

async function query(connectionString: string, text: string, parameters: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await client.query(text, parameters);
  } finally {
    await client.end();
  }
}

const HOST = `id hostname personality administrative operational availability managementMac managementIp serialNumber
  simulated lastHeartbeatAt uptimeSeconds labels { key value } cpuUsagePercent memoryUsagePercent`;
const ALARM = `id alarmId title severity entityTypeId entityInstanceId reasonText alarmType probableCause serviceAffecting
  managementAffecting degradeAffecting acknowledged { at by comment } raisedAt updatedAt clearedAt sequence`;
const REFUSALS = 'userErrors { code message path }';
const SUPPRESSION = `suppression { id alarmId entityPattern reason by at until } affected ${REFUSALS}`;
const WINDOW = `maintenanceWindow { id entityPattern from until state reason by at begunAt endedAt endedBy } affected ${REFUSALS}`;
const EVENT = `id sequence eventId catalogued title severity entityTypeId entityInstanceId reasonText eventType
  probableCause serviceAffecting occurredAt at`;
const MANY = `results { alarm { ${ALARM} } ${REFUSALS} } ${REFUSALS}`;

/** What agents and operators do at the doors of a house, by name; each answers its payload. */
export function hands(house: House, region?: string) {
  const mutation = (subgraph: EdgeSubgraph, field: string, type: string, result: string) => (input: Variables) =>
    ask(house.url(subgraph, region), `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${result} } }`, {
      input,
    }).then(data => data.payload as Data);
  const named = region ?? house.door().split('/').at(-1)!;
  const raw = mutation('faults', 'raiseAlarm', 'RaiseAlarmInput', `alarm { ${ALARM} } ${REFUSALS}`);
  return {
    report: mutation('inventory', 'reportHost', 'ReportHostInput', `host { ${HOST} } ${REFUSALS}`),
    /** A host that was accepted. */
    host: async (overrides: Parameters<typeof aHost>[0] = {}): Promise<Data> =>
      (await hands(house, region).report(aHost(overrides) as unknown as Variables)).host,
    beat: mutation('inventory', 'reportHeartbeats', 'ReportHeartbeatsInput', 'unknown'),
    update: mutation('inventory', 'updateHost', 'UpdateHostInput', `host { ${HOST} } ${REFUSALS}`),
    raise: (overrides: Partial<RaiseAlarmInput> = {}): Promise<Data> => raw({ region: named, ...anAlarm(overrides) }),
    raiseAll: mutation('faults', 'raiseAlarms', 'RaiseAlarmsInput', MANY),
    clear: mutation('faults', 'clearAlarm', 'ClearAlarmInput', `cleared alarm { ${ALARM} } ${REFUSALS}`),
    clearAll: mutation('faults', 'clearAlarms', 'ClearAlarmsInput', MANY),
    comment: mutation(
      'faults',
      'commentAlarm',
      'CommentAlarmInput',
      `alarm { ${ALARM} comments { at by text } } ${REFUSALS}`,
    ),
    acknowledge: mutation('faults', 'acknowledgeAlarm', 'AcknowledgeAlarmInput', `alarm { ${ALARM} } ${REFUSALS}`),
    unacknowledge: mutation(
      'faults',
      'unacknowledgeAlarm',
      'UnacknowledgeAlarmInput',
      `alarm { ${ALARM} } ${REFUSALS}`,
    ),
    suppress: mutation('faults', 'suppressAlarms', 'SuppressAlarmsInput', SUPPRESSION),
    unsuppress: mutation('faults', 'unsuppressAlarms', 'UnsuppressAlarmsInput', SUPPRESSION),
    startMaintenance: mutation('faults', 'startMaintenance', 'StartMaintenanceInput', WINDOW),
    endMaintenance: mutation('faults', 'endMaintenance', 'EndMaintenanceInput', WINDOW),
    reportEvent: mutation('faults', 'reportEvent', 'ReportEventInput', `event { ${EVENT} } ${REFUSALS}`),
    reportEvents: mutation(
      'faults',
      'reportEvents',
      'ReportEventsInput',
      `results { event { ${EVENT} } ${REFUSALS} } ${REFUSALS}`,
    ),
    usage: mutation('faults', 'reportUsage', 'ReportUsageInput', `changes ${REFUSALS}`),
    software: mutation('software', 'reportHostSoftware', 'ReportHostSoftwareInput', REFUSALS),
    /** The entities that the subgraph makes of references. */
    entities: (subgraph: EdgeSubgraph, references: readonly Variables[], selection: string): Promise<Answer> =>
      post(
        house.url(subgraph, region),
        `query ($references: [_Any!]!) { _entities(representations: $references) { ${selection} } }`,
        { references },
      ),
    /** One field of the region. */
    region: async (subgraph: EdgeSubgraph, selection: string, variables: Variables = {}, types = ''): Promise<Data> => {
      const data = await ask(
        house.url(subgraph, region),
        `query ($references: [_Any!]!${types}) { _entities(representations: $references) { ... on Region { ${selection} } } }`,
        { references: [{ __typename: 'Region', id: named }], ...variables },
      );
      return data._entities[0];
    },
  };
}
