// What declarations make of the hosts that are known: which are new, which change, and why one cannot be. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { HostRow } from '../hosts/host.ts';
import { MOST_CONTROLLERS } from '../lifecycle/controllers.ts';
import { type Declaration, INSTALL_DEFAULTS } from './declaration.ts';

/** The part of a host that operators declare, and what decides whether they may. */
export type DeclaredHost = Pick<
  HostRow,
  | 'id'
  | 'identity'
  | 'hostname'
  | 'personality'
  | 'administrative'
  | 'operational'
  | 'availability'
  | 'provisioning'
  | 'declared'
  | 'subfunctions'
  | 'location'
  | 'managementMac'
  | 'managementIp'
  | 'serialNumber'
  | 'simulated'
  | 'install'
  | 'bmc'
>;

export type DeclarationOutcome = 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'REJECTED';

export interface Declared {
  readonly outcome: DeclarationOutcome;
  /** As the declaration leaves it; null when it is rejected. */
  readonly host: DeclaredHost | null;
  /** Set when the declaration brings one: to be kept apart. */
  readonly bmcPassword: string | null;
  readonly problems: readonly string[];
}

/**
 * The outcomes, in the order given. `null` stands for a declaration that could not be read: it takes part in nothing.
 * `passwordOf` answers the password that is kept for a host's BMC, or null.
 */
export function declareHosts(
  declarations: readonly (Declaration | null)[],
  known: readonly DeclaredHost[],
  passwordOf: (hostId: string) => string | null,
  newId: () => string,
): Declared[] {
  const byMac = new Map(known.flatMap(host => macsOf(host).map(mac => [mac, host] as const)));
  const hosts = namedHosts(declarations, known, byMac, newId);
  const redeclared = new Set(hosts.map(host => host?.id));
  const others = known.filter(host => !redeclared.has(host.id)); // the rest may give up what they hold
  const names = ledger(others, host => host.hostname, 'hostname');
  const managementIps = ledger(others, host => host.managementIp, 'management IP address');
  const bmcIps = ledger(others, host => host.bmc?.ip, 'BMC address');
  const macs = new Set<string>();
  const controllers = new Set(known.filter(host => host.personality === 'CONTROLLER').map(host => host.id));

  return declarations.map((declaration, i): Declared => {
    const host = hosts[i];
    if (!declaration || !host) return rejected([]);
    const before = byMac.get(declaration.managementMac) ?? null;
    const problems: string[] = [];
    if (macs.has(declaration.managementMac))
      return rejected([
        `${declaration.managementMac} appears twice: each host has a management MAC address of its own.`,
      ]);
    macs.add(declaration.managementMac);
    if (before?.personality && before.personality !== declaration.personality)
      problems.push(`It is a ${roleName(before)}: a role is fixed for life; delete the host and add it again.`);
    if (host.hostname === null) problems.push(`A ${roleName(host)} needs a hostname.`);
    for (const ledger of [names, managementIps, bmcIps]) problems.push(...ledger.take(host));
    if (host.personality === 'CONTROLLER') controllers.add(host.id);
    if (before?.personality == null && host.personality === 'CONTROLLER' && controllers.size > MOST_CONTROLLERS)
      problems.push(`A region has at most ${MOST_CONTROLLERS} controllers.`);
    const changed = before === null ? [] : COMPARED.filter(field => !isDeepStrictEqual(before[field], host[field]));
    const forbidden = changed.filter(field => !WHILE_UNLOCKED.has(field) && field !== 'personality');
    if (before?.administrative === 'UNLOCKED' && forbidden.length > 0)
      problems.push(`The host is unlocked: lock it first to change ${forbidden.join(', ')}.`);
    if (problems.length > 0) return rejected(problems);
    const password = host.bmc ? (declaration.bmcPassword ?? null) : null;
    const bmcPassword = password !== null && before && passwordOf(before.id) === password ? null : password;
    const isChanged = changed.length > 0 || bmcPassword !== null;
    return { outcome: before === null ? 'CREATED' : isChanged ? 'UPDATED' : 'UNCHANGED', host, bmcPassword, problems };
  });
}

const rejected = (problems: readonly string[]): Declared => ({
  outcome: 'REJECTED',
  host: null,
  bmcPassword: null,
  problems,
});

/** The hosts as declared. Controllers and storage hosts that nobody names are numbered, as StarlingX does. */
function namedHosts(
  declarations: readonly (Declaration | null)[],
  known: readonly DeclaredHost[],
  byMac: ReadonlyMap<string, DeclaredHost>,
  newId: () => string,
): (DeclaredHost | null)[] {
  const used = new Set([...known, ...declarations].map(host => host?.hostname));
  return declarations.map(declaration => {
    if (declaration === null) return null;
    const before = byMac.get(declaration.managementMac) ?? null;
    const hostname = declaration.hostname ?? before?.hostname ?? numbered(NUMBERED[declaration.personality], used);
    used.add(hostname ?? undefined);
    return afterDeclaration(declaration, before, hostname, newId);
  });
}

const NUMBERED: Readonly<Partial<Record<Declaration['personality'], string>>> = {
  CONTROLLER: 'controller',
  STORAGE: 'storage',
};

function numbered(stem: string | undefined, used: ReadonlySet<string | null | undefined>): string | null {
  if (stem === undefined) return null;
  for (let n = 0; ; n++) if (!used.has(`${stem}-${n}`)) return `${stem}-${n}`;
}

function afterDeclaration(
  declaration: Declaration,
  before: DeclaredHost | null,
  hostname: string | null,
  newId: () => string,
): DeclaredHost {
  const bmc = declaration.bmc === undefined ? (before?.bmc ?? null) : declaration.bmc;
  return {
    id: before?.id ?? newId(),
    identity: before?.identity ?? declaration.managementMac,
    hostname,
    personality: declaration.personality,
    administrative: before?.administrative ?? 'LOCKED',
    operational: before?.operational ?? 'DISABLED',
    availability: before?.availability ?? 'OFFLINE',
    provisioning: before?.provisioning ?? 'UNPROVISIONED',
    declared: true,
    subfunctions: declaration.subfunctions ?? before?.subfunctions ?? [],
    location: declaration.location ?? before?.location ?? null,
    managementMac: declaration.managementMac,
    managementIp: declaration.managementIp ?? before?.managementIp ?? null,
    serialNumber: before?.serialNumber ?? null,
    simulated: before?.simulated ?? false,
    install: installOf(declaration.install, before),
    bmc,
  };
}

/** Said or known, else StarlingX's defaults; a host of which nobody ever said how it is installed keeps it so. */
function installOf(said: Declaration['install'], before: DeclaredHost | null): DeclaredHost['install'] {
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  if (before && before.install === null && Object.keys(given).length === 0) return null;
  return { ...INSTALL_DEFAULTS, ...before?.install, ...given };
}

/** What may change while the host runs: nothing that it was started with. */
const WHILE_UNLOCKED: ReadonlySet<string> = new Set(['location', 'bmc']);

const COMPARED = [
  'hostname',
  'personality',
  'subfunctions',
  'managementIp',
  'location',
  'install',
  'bmc',
] as const satisfies readonly (keyof DeclaredHost)[];

/** By which declarations and agents know the host. */
export const macsOf = (host: DeclaredHost): string[] =>
  [host.identity, host.managementMac].filter(mac => mac !== null).map(mac => mac.toLowerCase());

const roleName = ({ personality }: DeclaredHost): string => String(personality).toLowerCase();

/** By name and by MAC address: of two hosts with one name, the name alone says nothing. */
const tellApart = ({ hostname, managementMac, identity }: DeclaredHost): string => {
  const mac = managementMac ?? identity;
  return hostname === null ? mac : `${hostname} (${mac})`;
};

/** Who holds a value that only one host may have. */
function ledger(known: readonly DeclaredHost[], of: (host: DeclaredHost) => string | null | undefined, what: string) {
  const holders = new Map<string, DeclaredHost>();
  const hold = (host: DeclaredHost): string[] => {
    const value = of(host);
    if (!value) return [];
    const holder = holders.get(value) ?? host;
    holders.set(value, holder);
    return holder.id === host.id ? [] : [`The ${what} ${value} belongs to ${tellApart(holder)}.`];
  };
  for (const host of known) hold(host);
  /** Why the host cannot have its value: nothing, or one reason. */
  return { take: hold };
}
