// What recorded queries cost the databases, through a real gateway over a real centre and a real region: as many statements
// for many rows as for few.
import { beforeAll, expect, test } from 'vitest';
import { readOperations } from '../../../schema/sources.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOfRequests } from '../edge/statements.ts';
import { aCentre, type Centre } from '../fleet/fleet-house.ts';
import { aRealGateway, type Gateway } from './feed-house.ts';

const REGION = 'lagos-1';
const left = leftovers();
let house: House;
let centre: Centre;
let gateway: Gateway;
let hosts = 0;

/** Everything that a list of hosts can carry and that is a list itself, or comes from elsewhere. */
const WHOLE_HOSTS = `query WholeHosts($id: ID!) { region(id: $id) { kind capacity { hosts } hosts { totalCount nodes {
  id hostname cpu { model logicalCpus { number } } memory { node } ports { name } disks { deviceNode partitions { deviceNode } }
  devices { name } interfaces { name } volumeGroups { name } capacity { cpuThreads } conditions { alarmId } labels { key }
  actions { action allowed refusal } jobs(first: 2) { nodes { state } } hardwareChanges(first: 2) { nodes { path } }
  profile { name } configuration { configurationStatus } sensors { name } bmc { powerState log(first: 2) { nodes { message } } }
  workloads(first: 2) { totalCount nodes { name disruptionBudget { available } } } controllerRole kubernetesNode { name }
  alarms(first: 2) { nodes { alarmId comments { text } rootCause { id } } } software { release } } } } }`;

beforeAll(async () => {
  house = await aHouse([REGION]);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join(REGION, house.door());
  gateway = await aRealGateway(centre, left);
});

/** Each with alarms, workloads and a BMC that nobody asks. */
async function addHosts(count: number): Promise<void> {
  const door = hands(house);
  for (let i = 0; i < count; i++) {
    const hostname = `compute-${++hosts}`;
    const { id } = await door.host({ hostname });
    await door.software({ hosts: [{ id, release: 'starlingx-10.0.1' }] });
    for (const alarmId of ['100.101', '100.103']) await door.raise({ alarmId, entityInstanceId: `host=${hostname}` });
    await house.rows(
      `insert into inventory.workload (id, host_id, name, kind, state, source, migratable, stays, cpus, memory_mib, huge_pages_mib, gpus, since)
       select gen_random_uuid(), $1, $2 || n, 'VM', 'RUNNING', 'SIMULATED', true, false, 1, 512, 0, 0, now() from generate_series(1, 3) n`,
      [id.split('/')[1], `w-${hostname}-`],
    );
  }
  await eventually('the mirror to have them', async () => {
    const { hosts: list, alarms } = await centre.ask('{ hosts { totalCount } alarms { totalCount } }');
    return list.totalCount === hosts && alarms.totalCount === 2 * hosts;
  });
}

interface Asked {
  readonly name: string;
  readonly query: string;
}

const recorded = (): Asked[] =>
  [...readOperations().values()].flatMap(query =>
    [...query.matchAll(/^query (\w+)/gm)].map(([, name]) => ({ name: name!, query })),
  );

/** The statements of each query, by label. The gateway asks the fleet for its regions now and then: the least of some runs counts. */
async function costs(): Promise<Record<string, string[]>> {
  const { hosts: list, alarms } = await centre.ask(
    '{ hosts(first: 1) { nodes { id } } alarms(first: 1) { nodes { id } } }',
  );
  const idFor = (name: string): string =>
    /^host/i.test(name) ? list.nodes[0].id : /^alarm/i.test(name) ? alarms.nodes[0].id : REGION;
  const cost: Record<string, string[]> = {};
  for (const { name, query } of [...recorded(), { name: 'WholeHosts', query: WHOLE_HOSTS }]) {
    const variables = { id: idFor(name), region: REGION };
    const used = Object.fromEntries(
      Object.entries(variables).filter(([key]) => variablesOf(query, name).includes(key)),
    );
    for (let run = 0; run < 6; run++) {
      const statements = await statementsOfRequests(async () => {
        const response = await fetch(gateway.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, operationName: name, variables: used }),
        });
        expect(await response.json()).toEqual({ data: expect.anything() });
      });
      if (run > 0 && statements.length < (cost[name]?.length ?? Number.POSITIVE_INFINITY)) cost[name] = statements;
    }
  }
  return cost;
}

const variablesOf = (query: string, name: string): string[] =>
  [...(new RegExp(`query ${name}\\s*\\(([^)]*)\\)`).exec(query)?.[1] ?? '').matchAll(/\$(\w+):/g)].map(([, v]) => v!);

test('every recorded query, and a list of hosts with all that they carry, cost as many statements for 14 hosts as for 2', async () => {
  await addHosts(2);
  const few = await costs();
  expect(few['WholeHosts']!.length).toBeGreaterThan(8);
  await addHosts(12);
  expect(await costs()).toEqual(few);
}, 120_000);
