// What the checks of a host's agent make of it, in conditions. Pure. Ids, entities and words are StarlingX's.
import type { Severity } from '../../../catalogue/catalogue.ts';
import type { Condition } from '../conditions/host-condition.ts';

/** `HostChecksInput` of the SDL, with a local id. */
export interface HostChecks {
  readonly id: string;
  readonly processes: readonly ProcessCheck[];
  readonly ports: readonly PortCheck[];
}

export interface ProcessCheck {
  readonly name: string;
  readonly state: 'RUNNING' | 'RESTARTING' | 'FAILED';
  readonly severity: Severity;
  readonly restarts: number;
}

export interface PortCheck {
  readonly name: string;
  readonly network: 'OAM' | 'MANAGEMENT' | 'CLUSTER_HOST' | 'DATA';
  readonly interface?: string | null;
  readonly up: boolean;
}

const PROCESS_ALARM = '200.006';

/** One that is being started again is no news yet. */
export const processConditions = (hostname: string | null, processes: readonly ProcessCheck[]): Condition[] =>
  processes
    .filter(({ state }) => state === 'FAILED')
    .map(({ name, severity, restarts }) => ({
      alarmId: PROCESS_ALARM,
      instance: `.process=${name}`,
      severity: severity === 'WARNING' ? 'MINOR' : severity, // the catalogue knows no milder one
      reasonText: `${hostname ?? 'The host'} ${WORDS[severity]} '${name}' process has failed${triedWords(restarts)}.`,
    }));

const WORDS: Readonly<Record<Severity, string>> = {
  CRITICAL: 'critical',
  MAJOR: 'major',
  MINOR: 'minor',
  WARNING: 'minor',
};

const triedWords = (restarts: number): string =>
  restarts === 0 ? '' : ` and was started again ${restarts === 1 ? 'once' : `${restarts} times`} in vain`;

/** Alarms by what the port carries, as StarlingX has them: of the port, and of the interface over several ports. */
const NETWORKS: Readonly<
  Record<PortCheck['network'], { readonly port: string; readonly interface: string; readonly name: string }>
> = {
  OAM: { port: '100.106', interface: '100.107', name: 'OAM' },
  MANAGEMENT: { port: '100.108', interface: '100.109', name: 'MGMT' },
  CLUSTER_HOST: { port: '100.110', interface: '100.111', name: 'CLUSTER-HOST' },
  DATA: { port: '100.112', interface: '100.113', name: 'DATA-VRS' },
};

export const portConditions = (ports: readonly PortCheck[]): Condition[] => [
  ...ports.filter(({ up }) => !up).map(portDown),
  ...[...new Set(ports.flatMap(port => port.interface ?? []))].flatMap(name =>
    interfaceDown(
      name,
      ports.filter(port => port.interface === name),
    ),
  ),
];

const portDown = ({ name, network }: PortCheck): Condition => ({
  alarmId: NETWORKS[network].port,
  instance: `.port=${name}`,
  severity: 'MAJOR',
  reasonText: `'${NETWORKS[network].name}' Port ${name} failed.`,
});

/** Failed without any of its ports, degraded without one. */
function interfaceDown(name: string, ports: readonly PortCheck[]): Condition[] {
  const { interface: alarmId, name: network } = NETWORKS[ports[0]!.network];
  const down = ports.filter(({ up }) => !up);
  if (down.length === 0) return [];
  const isFailed = down.length === ports.length;
  return [
    {
      alarmId,
      instance: `.interface=${name}`,
      severity: isFailed ? 'CRITICAL' : 'MAJOR',
      reasonText: `'${network}' Interface ${name} ${isFailed ? 'failed' : 'degraded'}.`,
    },
  ];
}
