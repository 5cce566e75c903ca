// Multi-node failure avoidance (StarlingX): many hosts lost at once are a fault of the network between them and the
// controllers. None is failed; when few are left, or after a time that is set, hosts are judged by themselves again. Pure.
import type { Hearing, HeartbeatSettings } from './hearing.ts';

export interface HeardHost {
  readonly id: string;
  readonly hearing: Hearing;
  /** Unlocked, enabled, and not on its way anywhere: its silence is a loss. */
  readonly inService: boolean;
}

export interface Storm {
  /** In ms since 1970. */
  readonly since: number;
  /** It lasted too long: its hosts are failed all the same. */
  readonly expired: boolean;
}

export interface Judgement {
  readonly storm: Storm | null;
  /** Hearing of each host as it counts: no SILENT of a host in service while the storm holds. */
  readonly hearing: ReadonlyMap<string, Hearing>;
  /** Hosts in service that are lost now. */
  readonly lost: readonly string[];
}

export function judge(
  hosts: readonly HeardHost[],
  storm: Storm | null,
  now: number,
  { mnfaThreshold, mnfaTimeoutMs }: Pick<HeartbeatSettings, 'mnfaThreshold' | 'mnfaTimeoutMs'>,
): Judgement {
  const lost = hosts.filter(host => host.inService && (host.hearing === 'LATE' || host.hearing === 'SILENT'));
  const after = stormAfter(storm, lost.length >= mnfaThreshold, now, mnfaTimeoutMs);
  // at its end, too: those that are still missing get the time to come back that all others had
  const isHeld = after === null ? storm !== null : !after.expired;
  return {
    storm: after,
    hearing: new Map(hosts.map(({ id, hearing, inService }) => [id, isHeld && inService ? held(hearing) : hearing])),
    lost: lost.map(host => host.id),
  };
}

function stormAfter(storm: Storm | null, isMany: boolean, now: number, timeoutMs: number): Storm | null {
  if (!isMany) return null;
  const { since, expired } = storm ?? { since: now, expired: false };
  return { since, expired: expired || (timeoutMs > 0 && now - since >= timeoutMs) };
}

const held = (hearing: Hearing): Hearing => (hearing === 'SILENT' ? 'LATE' : hearing);
