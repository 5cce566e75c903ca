// A real gateway over stub regions and a stub fleet service, with real sockets between them.
import { startGateway } from '../../../gateway/main.ts';
import { type ConfigInput, loadConfig } from '../../../runtime/config.ts';
import { freePort } from '../../support/free-ports.ts';
import type { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { aFleet, type StubFleet } from '../../support/stub-fleet.ts';
import { aRegion, type RegionRequest, type StubRegion } from '../../support/stub-region.ts';
import { eventually } from '../../support/wait.ts';

/** For tests in which a region hangs: soon enough to wait for, late enough for the others on a busy machine. */
export const SHORT_DEADLINE_MS = 1_000;
/** For all others: no region that is well ever fails by it. */
const LONG_DEADLINE_MS = 20_000;

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly data: any;
  readonly errors: readonly AnswerError[];
  readonly tookMs: number;
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface GatewayStack {
  readonly url: string;
  readonly fleet: StubFleet;
  readonly regions: Readonly<Record<string, StubRegion>>;
  /** Every request that any region got, in order. */
  readonly requests: RegionRequest[];
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  ready(): Promise<{ status: number; body: any }>;
  /** Closes the gateway; the rest stays. */
  close(): Promise<void>;
  reset(): void;
  /** Another fleet service at the port of the first. */
  reviveFleet(): Promise<StubFleet>;
}

export interface StackOptions {
  readonly token?: string;
  readonly regionDeadlineMs?: number;
  /** The regions have edge doors. */
  readonly doors?: boolean;
  readonly limits?: NonNullable<NonNullable<ConfigInput['gateway']>['limits']>;
  readonly gateway?: NonNullable<ConfigInput['gateway']>;
}

/** Call it in `beforeAll`; `closing` from `leftovers()` of the same file. */
export async function aGateway(
  ids: readonly string[],
  closing: ReturnType<typeof leftovers>,
  { token, regionDeadlineMs = LONG_DEADLINE_MS, doors = false, limits = {}, gateway: settings = {} }: StackOptions = {},
): Promise<GatewayStack> {
  const requests: RegionRequest[] = [];
  const regions: Record<string, StubRegion> = {};
  for (const id of ids) {
    const region = await aRegion(id, request => requests.push(request), { hasDoor: doors });
    closing.add(() => region.close());
    regions[id] = region;
  }
  const table = Object.values(regions).map(({ id, endpoint }) => ({ id, endpoint }));
  const fleet = await aFleet({ regions: table, token });
  closing.add(() => fleet.die());
  const config = loadConfig({
    env: {},
    flags: {
      auth: token === undefined ? {} : { token },
      fleet: { url: fleet.url },
      gateway: { ...settings, port: await freePort(), regionDeadlineMs, limits },
    },
  });
  const gateway = await startGateway({ config, log: quiet });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= gateway.close());
  closing.add(close);
  const url = gateway.url!;
  const ready = async () => {
    const answer = await fetch(new URL('/health/ready', url));
    return { status: answer.status, body: await answer.json() };
  };
  await eventually('the gateway knows its regions', async () => (await ready()).status === 200);
  return {
    url,
    fleet,
    regions,
    requests,
    ask: (query, variables = {}, headers = {}) => ask(url, { query, variables }, headers),
    ready,
    close,
    reset: () => {
      requests.length = 0;
      for (const region of Object.values(regions)) region.reset();
    },
    reviveFleet: async () => {
      const revived = await aFleet({ regions: table, token, port: fleet.port });
      closing.add(() => revived.die());
      return revived;
    },
  };
}

async function ask(url: string, body: object, headers: Record<string, string>): Promise<Answer> {
  const since = Date.now();
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const { data, errors = [] } = await answer.json();
  return { status: answer.status, data, errors, tookMs: Date.now() - since };
}

/** Code, region and path of each error, in an order of their own: `REGION_TIMEOUT r2 regions.nodes.1.hosts`. */
export const told = (errors: readonly AnswerError[]): string[] =>
  errors
    .map(({ path, extensions }) => [extensions['code'], extensions['region'], path?.join('.') ?? 'no path'].join(' '))
    .sort();

/** The query of the first page: every region with its hosts, their alarms and their software. */
export const FLEET_QUERY = `{
  regions {
    nodes {
      id
      name
      contact { state lastContactAt }
      alarmSummary { critical major minor warning status }
      hosts {
        nodes {
          id
          hostname
          personality
          availability
          cpu { model threads }
          alarms { nodes { alarmId severity reasonText } }
          software { release }
        }
      }
    }
  }
}`;

/** What FLEET_QUERY tells of a region that answers. */
export const wholeRegion = (id: string) => ({
  id,
  name: `Region ${id}`,
  contact: { state: 'ONLINE', lastContactAt: '2026-01-01T00:00:00.000Z' },
  alarmSummary: { critical: 0, major: 2, minor: 0, warning: 0, status: 'DEGRADED' },
  hosts: { nodes: [wholeHost(id, 'controller-0', 'CONTROLLER'), wholeHost(id, 'worker-0', 'WORKER')] },
});

const wholeHost = (region: string, hostname: string, personality: string) => ({
  id: `${region}/${hostname}`,
  hostname,
  personality,
  availability: 'AVAILABLE',
  cpu: { model: `cpu of ${region}/${hostname}`, threads: 4 },
  alarms: { nodes: [{ alarmId: '100.101', severity: 'MAJOR', reasonText: `reason of ${region}/on-${hostname}` }] },
  software: { release: `release of ${region}/${hostname}` },
});
