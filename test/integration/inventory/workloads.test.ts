// Workloads as clients read them: by host and by region, in pages, and what that costs the database.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
const HOSTS = 6;
let house: House;
let door: ReturnType<typeof hands>;
const ids: string[] = [];

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  for (let n = 0; n < HOSTS; n++) ids.push((await door.host({ hostname: `compute-${n}` })).id);
  await house.rows(
    `insert into inventory.disruption_budget ("group", source, min_available) values ('pay', 'SIMULATED', 2)`,
  );
  for (const [i, id] of ids.entries()) for (const name of ['pay', 'upf', 'upf']) await insert(id, `${name}-${i}`, name);
  await insert(null, 'lost-0', 'lost');
});

const insert = (host: string | null, name: string, app: string) =>
  house.rows(
    `insert into inventory.workload (id, host_id, target_id, name, namespace, kind, state, source, migratable, stays,
       disruption_group, cpus, memory_mib, huge_pages_mib, gpus, since)
     values ($1, $2, $3, $4, $5, $6, $7, 'SIMULATED', true, false, $8, 1.5, 512, 0, 0, now())`,
    [
      randomUUID(),
      host?.split('/')[1] ?? null,
      app === 'upf' ? ids[0]!.split('/')[1] : null,
      name,
      app === 'upf' ? 'ran' : 'shop',
      app === 'upf' ? 'VM' : 'CONTAINER',
      app === 'upf' ? 'MIGRATING' : app === 'lost' ? 'FAILED' : 'RUNNING',
      app === 'pay' ? 'pay' : null,
    ],
  );

const ALL = `id name namespace kind state source migratable staysOnHost antiAffinityGroup cpus memoryMiB hugePagesMiB gpus
  since host { hostname } target { hostname } disruptionBudget { group minAvailable available }`;
const ofHosts = async (first: number, selection = `workloads { nodes { ${ALL} } totalCount }`) =>
  (await door.region('inventory', `hosts(first: ${first}) { nodes { hostname ${selection} } }`)).hosts.nodes;
const ofRegion = async (args: string) =>
  (
    await door.region(
      'inventory',
      `workloads(${args}) { nodes { name } totalCount pageInfo { endCursor hasNextPage } }`,
    )
  ).workloads;

test('a host shows what runs on it, where that goes and what protects it', async () => {
  const [host] = await ofHosts(1);
  expect(host.workloads.totalCount).toBe(3);
  expect(host.workloads.nodes.map((w: { name: string }) => w.name)).toEqual(['pay-0', 'upf-0', 'upf-0']);
  expect(host.workloads.nodes[0]).toMatchObject({
    id: expect.stringMatching(/^lagos-1\//),
    namespace: 'shop',
    kind: 'CONTAINER',
    state: 'RUNNING',
    cpus: 1.5,
    memoryMiB: 512,
    host: { hostname: 'compute-0' },
    target: null,
    disruptionBudget: { group: 'pay', minAvailable: 2, available: HOSTS },
  });
  expect(host.workloads.nodes[1]).toMatchObject({ target: { hostname: 'compute-0' }, disruptionBudget: null });
});

test('a page of hosts costs as many statements as one host', async () => {
  const cost = (first: number) => statementsOf(/^(hosts|workloads)\./, () => ofHosts(first));
  const isAsked = (label: string) => !['workloads.due'].includes(label); // the driver's own look
  const forOne = (await cost(1)).filter(isAsked);
  expect(forOne).toEqual([
    'hosts.byIds',
    'hosts.count',
    'hosts.page',
    'workloads.budgets',
    'workloads.byHost',
    'workloads.countByHost',
  ]);
  expect((await cost(HOSTS)).filter(isAsked)).toEqual(forOne);
});

test('pages of one host, and of the region, show each workload once', async () => {
  const [{ workloads: first }] = await ofHosts(1, 'workloads(first: 2) { nodes { id } pageInfo { endCursor } }');
  const rest = `workloads(first: 2, after: "${first.pageInfo.endCursor}") { nodes { id } pageInfo { hasNextPage } }`;
  const [{ workloads: second }] = await ofHosts(1, rest);
  expect(new Set([...first.nodes, ...second.nodes].map((w: { id: string }) => w.id)).size).toBe(3);
  expect(second.pageInfo.hasNextPage).toBe(false);
  const names: string[] = [];
  for (let after = '', more = true; more; ) {
    const page = await ofRegion(`first: 5${after}`);
    names.push(...page.nodes.map((w: { name: string }) => w.name));
    after = `, after: "${page.pageInfo.endCursor}"`;
    more = page.pageInfo.hasNextPage;
  }
  expect(names).toHaveLength(3 * HOSTS + 1);
  expect(names).toEqual([...names].sort());
});

test.each([
  ['{ name: "PAY-" }', HOSTS],
  ['{ namespace: "ran" }', 2 * HOSTS],
  ['{ kind: CONTAINER }', HOSTS + 1],
  ['{ state: [FAILED, MIGRATING] }', 2 * HOSTS + 1],
  ['{ state: [FAILED], kind: VM }', 0],
])('of the region may be filtered: %s', async (filter, count) => {
  expect((await ofRegion(`filter: ${filter}`)).totalCount).toBe(count);
});
