// Fleet-wide lists at 250,000 open alarms over 10, 100 and 1,000 regions, through the fleet service's door, against the
// bare SQL of the same page on the same database. `npm run bench -- fleet-list [alarms]`.
import Table from 'cli-table3';
import type { DataSource } from 'typeorm';
import { encodeCursor } from '../subgraphs/runtime/connection.ts';
import {
  type BareList,
  bareCount,
  barePage,
  bareSummary,
  endOfPage,
  FILTERED,
  type PageEnd,
  seedFleet,
} from './fleet-list-store.ts';
import { onBenchServer } from './support/bench-server.ts';
import { type Ask, type Case, measure, openFleet, round, type Timed } from './support/fleet-against-sql.ts';

const ALARMS = Number(process.argv[2] ?? 250_000);
const HOSTS = 20_000;
const SIZES = [10, 100, 1_000] as const; // regions
const PAGE = 50;
const DEEP = 1_000; // the page far into the list

const NODES = `nodes { id alarmId title severity entityInstanceId reasonText raisedAt updatedAt acknowledged { at comment }
  region { id name contact { state } } } pageInfo { hasNextPage endCursor }`;
const SUMMARY = 'nodes { id alarmSummary { critical major minor warning status } }';

async function casesOf(sql: DataSource, ask: Ask): Promise<Case[]> {
  const all: BareList = { where: 'true', orderBy: 'NEWEST_FIRST' };
  const bySeverity: BareList = { where: 'true', orderBy: 'SEVERITY' };
  const end = await endOfPage(sql, all, PAGE * DEEP);
  const endBySeverity = await endOfPage(sql, bySeverity, PAGE * DEEP);
  const list = (args: string, variables: object = {}) =>
    ask(`query ($filter: AlarmFilter) { alarms(first: ${PAGE}, filter: $filter ${args}) { ${NODES} } }`, variables);
  const cursor = (...key: readonly (string | number)[]) => `after: "${encodeCursor(key.map(String))}"`;
  const half = encodeCursor(['r0499']); // no page has more than 500
  return [
    { name: 'first page', ask: () => list(''), bare: () => barePage(sql, all, PAGE) },
    {
      name: `page ${DEEP}`,
      ask: () => list(cursor(end.raisedAt, end.id)),
      bare: () => barePage(sql, { ...all, where: newerThan(end) }, PAGE),
    },
    {
      name: 'first page, worst first',
      ask: () => list('orderBy: SEVERITY'),
      bare: () => barePage(sql, bySeverity, PAGE),
    },
    {
      name: `page ${DEEP}, worst first`,
      ask: () =>
        list(`orderBy: SEVERITY ${cursor(endBySeverity.severityRank, endBySeverity.raisedAt, endBySeverity.id)}`),
      bare: () => barePage(sql, { ...bySeverity, where: worstAfter(endBySeverity) }, PAGE),
    },
    ...FILTERED.map(([name, filter, where]) => ({
      name: `first page of ${name}`,
      ask: () => list('', { filter }),
      bare: () => barePage(sql, { ...all, where }, PAGE),
    })),
    {
      name: 'totalCount',
      ask: () => ask('{ alarms(first: 1) { totalCount } }'),
      bare: () => bareCount(sql, all),
    },
    {
      name: 'alarmSummary of the fleet',
      ask: () => ask('{ alarmSummary { critical major minor warning status regionsUnknown } }'),
      bare: () => bareSummary(sql),
    },
    {
      name: 'alarmSummary of every region',
      ask: () =>
        ask(`{ a: regions(first: 500) { ${SUMMARY} } b: regions(first: 500, after: "${half}") { ${SUMMARY} } }`),
      bare: () => bareSummary(sql),
    },
  ];
}

const newerThan = (end: PageEnd): string => `(m.raised_at, m.id) < ('${end.raisedAt}', '${end.id}')`;

const worstAfter = (end: PageEnd): string => `m.severity_rank = ${end.severityRank} and ${newerThan(end)}`; // by hand one knows that the page does not cross ranks

function report(all: readonly Timed[]): void {
  const head = ['ms, median', ...SIZES.flatMap(n => [`${n} regions`, 'CPU', 'bare SQL', 'ratio'])];
  const table = new Table({ head, style: { head: [], border: [] } });
  const names = [...new Set(all.map(({ name }) => name))];
  const of = (name: string, regions: number) => all.find(t => t.name === name && t.regions === regions)!;
  for (const name of names)
    table.push([
      name,
      ...SIZES.flatMap(n => {
        const { ours, bare, cpu } = of(name, n);
        return [ours.toFixed(1), cpu.toFixed(1), bare.toFixed(1), (ours / bare).toFixed(1)];
      }),
    ]);
  console.log(table.toString());
  const ratio = (name: string) => {
    const { ours, bare } = of(name, 1_000);
    return Number((ours / bare).toFixed(2));
  };
  const growth = (name: string) => Number((of(name, 1_000).ours / of(name, 10).ours).toFixed(2));
  const [first, deep] = ['first page', `page ${DEEP}`] as const;
  console.log(
    JSON.stringify({
      name: 'fleet-list',
      alarms: ALARMS,
      target: 3,
      firstPageRatio: ratio(first),
      deepPageRatio: ratio(deep),
      firstPageGrowth: growth(first),
      deepPageGrowth: growth(deep),
      all: all.map(t => ({ ...t, ours: round(t.ours), bare: round(t.bare), cpu: round(t.cpu) })),
    }),
  );
}

await onBenchServer(async server => {
  const fleets = SIZES.map(regions =>
    openFleet(server, regions, sql => seedFleet(sql, regions, HOSTS, ALARMS), casesOf),
  );
  report(await measure(await Promise.all(fleets)));
});
process.exit(0); // the connections that the benched fleets hold are of no more use
