// Finding hosts among 100,000 of 1,000 regions, and their sums, through the fleet service's door, against the bare SQL of the
// same on the same database. `npm run bench -- fleet-hosts [hosts]`.
import Table from 'cli-table3';
import type { DataSource } from 'typeorm';
import { bareCapacity, bareHosts, FILTERED_HOSTS, seedHosts } from './fleet-hosts-store.ts';
import { onBenchServer } from './support/bench-server.ts';
import { type Ask, type Case, measure, openFleet, round } from './support/fleet-against-sql.ts';

const HOSTS = Number(process.argv[2] ?? 100_000);
const REGIONS = 1_000;
const NODES = `nodes { id hostname availability managementMac labels { key value } region { id name }
  capacity { cpuThreads hugePages { pageSizeKiB free } devices { kind name count } } }`;

async function casesOf(sql: DataSource, ask: Ask): Promise<Case[]> {
  return [
    ...FILTERED_HOSTS.map(([name, filter, where]) => ({
      name,
      ask: () => ask(`query ($filter: HostFilter) { hosts(first: 50, filter: $filter) { ${NODES} } }`, { filter }),
      bare: () => bareHosts(sql, where),
    })),
    {
      name: 'capacity of the fleet',
      ask: () => ask('{ capacity { hosts cpuThreads memoryMiB hugePages { free } devices { name count } } }'),
      bare: () => bareCapacity(sql),
    },
    {
      name: 'capacity of 50 regions',
      ask: () => ask('{ regions(first: 50) { nodes { id kind capacity { hosts cpuThreads hugePages { free } } } } }'),
      bare: () => bareCapacity(sql, `region < 'r0050'`),
    },
  ];
}

await onBenchServer(async server => {
  const timed = await measure([await openFleet(server, REGIONS, sql => seedHosts(sql, REGIONS, HOSTS), casesOf)]);
  const table = new Table({ head: [`${HOSTS} hosts: ms, median`, 'ours', 'CPU', 'bare SQL', 'ratio'] });
  for (const { name, ours, bare, cpu } of timed)
    table.push([name, ours.toFixed(1), cpu.toFixed(1), bare.toFixed(1), (ours / bare).toFixed(1)]);
  console.log(table.toString());
  const all = timed.map(t => ({ ...t, ours: round(t.ours), bare: round(t.bare), cpu: round(t.cpu) }));
  console.log(JSON.stringify({ name: 'fleet-hosts', hosts: HOSTS, slowestMs: Math.max(...all.map(t => t.ours)), all }));
});
process.exit(0); // the connections that the benched fleet holds are of no more use
