// Whether a region of many hosts stays responsive: each host has an agent that beats, samples and reports at the default
// intervals, while operators read pages and raise alarms at the region's doors. The same is asked of the same region after
// its agents have gone: what they cost others is the ratio of the two.
// `npm run bench -- region [hosts] [seconds]`; prints a table and, as the last line, one JSON object.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { freePort } from '../test/support/free-ports.ts';
import { type BenchPart, cpuMsOf, median, onBenchServer, quantile } from './support/bench-server.ts';

const [hosts = 200, seconds = 20] = process.argv.slice(2).map(Number);
const REGION = 'bench-1';

/** What operators ask, with the subgraph that answers. */
const ASKED: Readonly<Record<string, readonly [subgraph: string, query: string]>> = {
  'page of 50 hosts': [
    'inventory',
    `{ _entities(representations: [{ __typename: "Region", id: "${REGION}" }]) { ... on Region { hosts(first: 50) { totalCount
      nodes { id hostname availability cpu { model threads } memory { totalMiB freeMiB } ports { name up } devices { kind name } labels { key value } } } } } }`,
  ],
  'page of 50 alarms': [
    'faults',
    `{ _entities(representations: [{ __typename: "Region", id: "${REGION}" }]) { ... on Region { alarms(first: 50) { totalCount
      nodes { id alarmId severity entityInstanceId reasonText host { id } } } } } }`,
  ],
  'raise an alarm': [
    'faults',
    `mutation { raiseAlarm(input: { region: "${REGION}", alarmId: "100.104", severity: MAJOR, entityInstanceId: "host=host-1.filesystem=/bench" }) { alarm { id } } }`,
  ],
};

type Latencies = ReadonlyMap<string, number[]>;

async function ask(url: string, query: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { errors } = (await answer.json()) as { errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
}

/** One operator, who asks all in turn. */
async function operate(door: string, ms: number): Promise<Latencies> {
  const latencies = new Map(Object.keys(ASKED).map(name => [name, [] as number[]]));
  const end = performance.now() + ms;
  while (performance.now() < end)
    for (const [name, [subgraph, query]] of Object.entries(ASKED)) {
      const begun = performance.now();
      await ask(`${door}/${subgraph}/graphql`, query);
      latencies.get(name)!.push(performance.now() - begun);
    }
  return latencies;
}

async function cpuShare(part: BenchPart, work: () => Promise<unknown>): Promise<number> {
  const [cpu, begun] = [cpuMsOf(part.pid) ?? 0, performance.now()];
  await work();
  return (((cpuMsOf(part.pid) ?? 0) - cpu) / (performance.now() - begun)) * 100;
}

await onBenchServer(async server => {
  const port = await freePort();
  const door = `http://127.0.0.1:${port}/${REGION}`;
  const settings = { database: { url: server.url, prefix: 'bench' }, doors: { [REGION]: door }, data: server.folder };
  const region = await server.run('region', settings, [REGION]);
  const script = fileURLToPath(new URL('./region/agents.ts', import.meta.url));
  const agents = fork(script, [door, String(hosts)], { execArgv: ['--import', 'tsx'] });
  await once(agents, 'message');
  await operate(door, 2_000); // warm
  let busy: Latencies = new Map();
  const agentsAlone = await cpuShare(region, () => new Promise(resolve => setTimeout(resolve, 10_000)));
  const both = await cpuShare(region, async () => {
    busy = await operate(door, seconds * 1_000);
  });
  agents.kill('SIGTERM');
  await once(agents, 'exit');
  const quiet = await operate(door, seconds * 500);
  const table = new Table({ head: [`${hosts} hosts`, 'p50 ms', 'p99 ms', 'p50 quiet', 'p99 quiet', '× p50', '× p99'] });
  const ratios = Object.keys(ASKED).map(name => {
    const [b, q] = [busy.get(name)!, quiet.get(name)!];
    const [p50, p99, quiet50, quiet99] = [median(b), quantile(b, 0.99), median(q), quantile(q, 0.99)];
    table.push([name, ...[p50, p99, quiet50, quiet99, p50 / quiet50, p99 / quiet99].map(value => value.toFixed(1))]);
    return { name, p50, p99, ratioQuiet: p50 / quiet50 };
  });
  console.log(table.toString());
  console.log(
    `CPU of the region's process: ${agentsAlone.toFixed(0)} % by its agents alone, ${both.toFixed(0)} % with an operator`,
  );
  const round = (value: number): number => Number(value.toFixed(2));
  console.log(
    JSON.stringify({
      name: 'region',
      hosts,
      agentsCpuPercent: round(agentsAlone),
      p99Ms: round(Math.max(...ratios.map(r => r.p99))),
      ratioQuiet: round(Math.max(...ratios.map(r => r.ratioQuiet))),
    }),
  );
});
