// Runs one or more regions in one process behind one door: per region three subgraphs and the change stream.

import { openApollo } from '../../runtime/apollo.ts';
import { type Config, isLoopback, reachable } from '../../runtime/config.ts';
import { graphqlRoute } from '../../runtime/graphql-route.ts';
import { healthRoutes, probe, type Readiness } from '../../runtime/health.ts';
import { openDoor, type Route } from '../../runtime/http-door.ts';
import type { Logger } from '../../runtime/log.ts';
import { openMetrics, type Series } from '../../runtime/metrics.ts';
import type { Part } from '../../runtime/part.ts';
import { isRegionId } from '../../schema/identity.ts';
import { hashOfSdl, readSubgraph } from '../../schema/sources.ts';
import { answerChanges } from '../runtime/change-stream.ts';
import { databaseUrl, regionDatabase } from '../runtime/database.ts';
import { databaseFault } from '../runtime/database-fault.ts';
import { openListener } from '../runtime/listener.ts';
import { outboxChannel } from '../runtime/subgraph.ts';
import { openFaults } from './faults/main.ts';
import { openInventory } from './inventory/main.ts';
import { asker, planDoor } from './plan-door.ts';
import { openSoftware } from './software/main.ts';

export interface RegionsDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly regions: readonly string[];
}

export async function startRegions({ config, log, regions }: RegionsDeps): Promise<Part> {
  const door = commonDoor(config, regions);
  const running: RunningRegion[] = [];
  for (const region of regions) running.push(await openRegion(config, log.child({ region }), region));
  const metrics = openMetrics('region');
  metrics.gauge({
    name: 'murmuration_outbox_sequence',
    help: 'Number of the last change that a subgraph of a region committed.',
    read: async () => (await Promise.all(running.map(region => region.heads()))).flat(),
  });
  const http = await openDoor({
    host: config.host,
    port: Number(door.port || 80),
    token: config.auth.token,
    log,
    routes: [...running.flatMap(region => region.routes), metrics.route, ...healthRoutes(() => readiness(running))],
  });
  return {
    url: http.origin,
    close: async () => {
      await http.close();
      await Promise.all(running.map(region => region.close()));
    },
  };
}

/** Ready while any of its regions can serve; each is named with `ok` or what is wrong. */
async function readiness(running: readonly RunningRegion[]): Promise<Readiness> {
  const states = await Promise.all(running.map(async region => [region.id, await region.state()] as const));
  return { ready: states.some(([, state]) => state === 'ok'), regions: Object.fromEntries(states) };
}

/** Regions that share a process share a port: their doors must differ in the path only. */
function commonDoor(config: Config, regions: readonly string[]): URL {
  const doors = regions.map(region => {
    if (!isRegionId(region))
      throw new Error(`${JSON.stringify(region)} is no region id: lower-case letters, digits and dashes, at most 63.`);
    const door = config.doors[region];
    if (door === undefined)
      throw new Error(`Region ${region} has no door: set doors.${region} to http://<host>:<port>/${region}.`);
    const url = new URL(door);
    if (url.pathname !== `/${region}`)
      throw new Error(`The door of region ${region} is ${door}; its path must be /${region}.`);
    return url;
  });
  const [first] = doors;
  if (first === undefined) throw new Error('Name at least one region.');
  const other = doors.find(door => door.origin !== first.origin);
  if (other)
    throw new Error(`Regions of one process share a port, but there are doors at ${first.origin} and ${other.origin}.`);
  return first;
}

interface RunningRegion {
  readonly id: string;
  /** `ok`, or why it cannot serve. */
  state(): Promise<string>;
  /** Number of the last change of each subgraph. */
  heads(): Promise<Series[]>;
  readonly routes: readonly Route[];
  close(): Promise<void>;
}

async function openRegion(config: Config, log: Logger, region: string): Promise<RunningRegion> {
  const serverUrl = config.database.url;
  if (serverUrl === undefined)
    throw new Error('No database: set database.url (MURMUR_DATABASE_URL) to a PostgreSQL server.');
  const door = loopbackDoor(config, region);
  const deps = (part: string) => ({ region, config, databaseUrl: serverUrl, log: log.child({ subgraph: part }) });
  const inventory = await openInventory(deps('inventory'));
  const software = await openSoftware({ ...deps('software'), door });
  const faults = await openFaults({ ...deps('faults'), door });
  const subgraphs = [inventory, faults, software];
  const listener = await openListener(
    databaseUrl(serverUrl, regionDatabase(config.database.prefix, region)),
    subgraphs.map(subgraph => outboxChannel(subgraph.name)),
    log,
  );
  const servers = await Promise.all(
    subgraphs.map(({ schema }) => openApollo(log, { schema, csrfPrevention: true }, databaseFault)),
  );
  const changes = {
    region,
    sources: { inventory, faults, software },
    schemas: Object.fromEntries(subgraphs.map(({ name }) => [name, hashOfSdl(readSubgraph(name))])),
    listener,
    now: () => new Date(),
  };
  return {
    id: region,
    state: () => probe(() => inventory.outbox.head()),
    heads: () =>
      Promise.all(
        subgraphs.map(async ({ name, outbox }) => ({
          labels: { region, subgraph: name },
          value: Number((await outbox.head()).sequence),
        })),
      ),
    routes: [
      ...subgraphs.map(({ name, context }, i) =>
        graphqlRoute(`/${region}/${name}/graphql`, servers[i]!, async () => context()),
      ),
      ...subgraphs.flatMap(subgraph => subgraph.routes ?? []),
      planDoor({
        region,
        subgraphs: new Map(subgraphs.map(({ name, context }, i) => [name, asker(servers[i]!, context)])),
      }),
      { path: `/${region}/changes`, handle: exchange => answerChanges(changes, exchange) },
    ],
    close: async () => {
      await Promise.all(servers.map(server => server.stop()));
      await listener.close();
      await Promise.all(subgraphs.map(subgraph => subgraph.close()));
    },
  };
}

/** The region reaches its own door on this machine, whatever address others use for it. */
function loopbackDoor(config: Config, region: string): string {
  const url = new URL(config.doors[region]!);
  if (!isLoopback(config.host)) url.hostname = reachable(config.host);
  return `${url.origin}/${region}`;
}
