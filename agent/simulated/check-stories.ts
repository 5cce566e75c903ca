// How the processes and ports of simulated hosts are: well, but for a short fault now and then. Pure: the same key and times
// give the same faults. None begins while the agent is young, so that what has just been started is calm.
import type { ChecksReport, PortCheck, ProcessCheck } from '../report.ts';
import { createRandom } from './random.ts';

/** One fault may fall into each window. */
const WINDOW_MS = 900_000;
const CHANCE = 0.5;
const CALM_MS = 600_000;

const PROCESSES: readonly [string, ...string[]] = ['kubelet', 'containerd', 'sshd', 'pmond', 'chronyd'];
const PORTS: readonly Omit<PortCheck, 'up'>[] = [
  { name: 'eno1', network: 'MANAGEMENT', interface: null },
  { name: 'ens1f0', network: 'DATA', interface: 'data0' },
  { name: 'ens1f1', network: 'DATA', interface: 'data0' },
];
/** Of those that are there twice: the host stays in service. */
const BREAKABLE_PORTS: readonly [string, ...string[]] = ['ens1f0', 'ens1f1'];

interface Fault {
  readonly host: string;
  /** Name of the process or the port. */
  readonly of: string;
  readonly from: number;
  readonly to: number;
}

export function checksAt(
  key: string,
  hosts: readonly { readonly identity: string; readonly hostname: string }[],
  startedAt: number,
  now: number,
): ChecksReport[] {
  const faults = faultsAt(
    key,
    hosts.map(({ hostname }) => hostname),
    now,
  ).filter(({ from }) => from >= startedAt + CALM_MS);
  return hosts.map(({ identity, hostname }) => {
    const broken = new Set(faults.filter(({ host }) => host === hostname).map(({ of }) => of));
    return {
      identity,
      processes: PROCESSES.map(
        (name): ProcessCheck => ({
          name,
          state: broken.has(name) ? 'FAILED' : 'RUNNING',
          severity: name === 'chronyd' ? 'MINOR' : 'MAJOR',
          restarts: broken.has(name) ? 3 : 0,
        }),
      ),
      ports: PORTS.map(port => ({ ...port, up: !broken.has(port.name) })),
    };
  });
}

/** A fault may reach beyond its window's end. */
const faultsAt = (key: string, hostnames: readonly string[], now: number): Fault[] =>
  [-1, 0]
    .flatMap(back => faultOf(key, hostnames, Math.floor(now / WINDOW_MS) + back))
    .filter(({ from, to }) => from <= now && now < to);

function faultOf(key: string, hostnames: readonly string[], window: number): Fault[] {
  const random = createRandom(`${key}/checks/${window}`);
  const [first, ...rest] = hostnames;
  if (first === undefined || !random.chance(CHANCE)) return [];
  const from = window * WINDOW_MS + random.int(0, WINDOW_MS - 1);
  const host = random.pick([first, ...rest]);
  const of = random.pick(random.chance(0.5) ? PROCESSES : BREAKABLE_PORTS);
  return [{ host, of, from, to: from + 1_000 * random.int(30, 120) }];
}
