// The last thing that `npm start` shows: what runs where, and what to do with it. Text only.
import Table from 'cli-table3';
import type { Config } from '../runtime/config.ts';
import type { Screen } from './screen.ts';
import type { PartPlan } from './stack-plan.ts';

export interface SummaryRow {
  readonly plan: PartPlan;
  readonly pid: number | undefined;
  /** Where it answers, as it said itself. */
  readonly url: string | undefined;
}

export interface SummaryInput {
  readonly config: Config;
  readonly gatewayUrl: string;
  readonly parts: readonly SummaryRow[];
  /** The embedded server; null when the database is somebody else's. */
  readonly postgres: { readonly version: string; readonly port: number; readonly pid: number | undefined } | null;
  readonly logs: string;
  readonly data: string;
  readonly colors: Screen['colors'];
}

const EXAMPLE = '{ regions { nodes { id contact { state } alarmSummary { critical major minor } } } }';

export function summary(input: SummaryInput): string {
  const { colors, gatewayUrl } = input;
  const row = (label: string, text: string): string => `${colors.bold(label.padEnd(14))}${text}`;
  return [
    '',
    table(input),
    '',
    row('Query page', colors.cyan(`${gatewayUrl}/graphql`)),
    row('Try', exampleQuery(gatewayUrl, input.config.auth.token !== undefined)),
    row('Logs', input.logs),
    row('State', `${input.data} (survives a restart; npm start -- --fresh begins anew)`),
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

/** A command to paste; the token itself is never shown. */
export function exampleQuery(gatewayUrl: string, withToken: boolean): string {
  const token = withToken ? ` -H "authorization: Bearer $MURMUR_AUTH_TOKEN"` : '';
  return `curl -s ${gatewayUrl}/graphql -H 'content-type: application/json'${token} -d '${JSON.stringify({ query: EXAMPLE })}'`;
}

function table({ config, parts, postgres, colors }: SummaryInput): string {
  const grid = new Table({
    head: ['part', 'where', 'pid', 'notes'].map(title => colors.bold(title)),
    style: { head: [], border: [], compact: true },
  });
  const cell = (pid: number | undefined): string => (pid === undefined ? '-' : String(pid));
  const database = postgres ? '' : hostOf(config.database.url);
  grid.push(
    postgres
      ? ['PostgreSQL', `127.0.0.1:${postgres.port}`, cell(postgres.pid), `${postgres.version}, embedded`]
      : ['PostgreSQL', database, '-', 'your own (MURMUR_DATABASE_URL)'],
    ...parts.map(part => [part.plan.name, whereIs(part), cell(part.pid), notes(part.plan)]),
  );
  return grid.toString();
}

const whereIs = ({ plan, url }: SummaryRow): string => {
  if (plan.kind === 'agent') return url === undefined ? '-' : `${url}/health/ready`;
  if (plan.kind === 'region') return `${plan.url}/${plan.regions.length === 1 ? plan.regions[0] : '<region>'}`;
  return `${plan.url}/graphql`;
};

function notes(plan: PartPlan): string {
  if (plan.kind === 'gateway') return 'the one graph, and its query page';
  if (plan.kind === 'fleet') return 'the centre: regions and their mirror';
  if (plan.kind === 'agent') return plan.simulated ? 'simulated' : 'real agent: this machine';
  return plan.regions.length === 1
    ? 'own database, three subgraphs'
    : `${plan.regions.length} regions share this process`;
}

/** Without user and password. */
export function hostOf(url: string | undefined): string {
  if (url === undefined) return '-';
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || 5432}`;
}
