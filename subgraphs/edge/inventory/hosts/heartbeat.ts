// What a heartbeat says that the region does not know yet. Pure.
import type { BeatenHost, Heartbeat } from './host-store.ts';

/** Seconds by which an uptime may fall behind without a boot: reports and beats overtake each other. */
const JITTER_S = 5;

export const isOtherBoot = (before: string | null | undefined, said: string | null | undefined): boolean =>
  typeof before === 'string' && typeof said === 'string' && before !== said;

/** It runs since another boot than before. Agents that say no boot id are known by an uptime that went back. */
export function hasBooted(before: Pick<BeatenHost, 'bootId' | 'uptimeBefore'>, beat: Heartbeat): boolean {
  if (before.bootId !== null && typeof beat.bootId === 'string') return before.bootId !== beat.bootId;
  return before.uptimeBefore !== null && beat.uptimeSeconds < before.uptimeBefore - JITTER_S;
}

/** Nearly all beats say nothing new: those cost no transaction. */
export function isNews({ availability, impaired, bootId }: BeatenHost, beat: Heartbeat): boolean {
  if (bootId === null && typeof beat.bootId === 'string') return true;
  return WAITS_FOR_A_BEAT.has(availability) || (availability === 'DEGRADED' && !impaired);
}

const WAITS_FOR_A_BEAT: ReadonlySet<string> = new Set(['OFFLINE', 'INTEST', 'POWER_OFF']);
