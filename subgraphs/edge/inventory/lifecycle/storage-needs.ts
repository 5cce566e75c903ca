// Whether a region's own storage, Ceph, can do without a host: its monitors keep their quorum, and what is stored keeps a
// copy in service. Pure. The rules are StarlingX's (sysinv, checks before a lock of a controller or storage host).

/** A controller, or a storage host that was in service once: a declared one holds nothing yet. */
export interface StorageMember {
  readonly id: string;
  readonly hostname: string | null;
  readonly personality: 'CONTROLLER' | 'STORAGE';
  /** Enabled, and no lock of it is under way. */
  readonly stays: boolean;
}

/** Of the monitors of a region with storage hosts: both controllers, and its first storage host. */
const LEAST_MONITORS = 2;

/**
 * Why the host may not be taken out of service, in words for operators; null when it may. What is lost already is no reason:
 * a host that does not count as in service may go. `members` are in the order of their names.
 */
export function storageRefusal(hostId: string, members: readonly StorageMember[]): string | null {
  const stores = members.filter(({ personality }) => personality === 'STORAGE');
  if (stores.length === 0) return null;
  const monitors = [...members.filter(({ personality }) => personality === 'CONTROLLER'), stores[0]!];
  return quorumLost(hostId, monitors) ?? copiesLost(hostId, stores);
}

const isOther =
  (hostId: string) =>
  ({ id }: StorageMember): boolean =>
    id !== hostId;
const stays = ({ stays }: StorageMember): boolean => stays;

function quorumLost(hostId: string, monitors: readonly StorageMember[]): string | null {
  if (!monitors.some(({ id }) => id === hostId)) return null;
  const left = monitors.filter(isOther(hostId)).filter(stays);
  if (left.length >= LEAST_MONITORS || left.length + 1 < LEAST_MONITORS) return null;
  return (
    `The host runs one of the storage's monitors (${named(monitors)}), of which ${LEAST_MONITORS} must be in service; ` +
    `without it only ${named(left)} would be: ${bringBack(monitors.filter(isOther(hostId)))}.`
  );
}

function copiesLost(hostId: string, stores: readonly StorageMember[]): string | null {
  const others = stores.filter(isOther(hostId));
  if (others.length === stores.length || others.length === 0 || others.some(stays)) return null;
  return `The host is the last storage host in service, and holds the only copies that can be read: ${bringBack(others)}.`;
}

function bringBack(others: readonly StorageMember[]): string {
  const away = others.filter(other => !stays(other));
  return away.length === 0 ? 'add a second controller first' : `bring ${named(away, 'or')} into service first`;
}

function named(members: readonly StorageMember[], and = 'and'): string {
  const names = members.map(({ hostname, id }) => hostname ?? id);
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} ${and} ${names.at(-1)}`;
}
