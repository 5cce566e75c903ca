// What the region's event log says of a host's life, by StarlingX's ids: commands given, states and statuses changed. Pure.
import type { HostEvent, HostRow } from '../hosts/host.ts';
import type { Command } from './host-state.ts';

type Lived = Pick<HostRow, 'operational' | 'availability' | 'failure'>;

const NAMED: Readonly<Partial<Record<Command, string>>> = { RECOVER_BY_REBOOT: 'reboot', RECOVER_BY_RESET: 'reset' };
const STATUSES: ReadonlySet<string> = new Set(['ONLINE', 'OFFLINE', 'FAILED']);

/** `command` is null where only something was reported. */
export function lifecycleEvents(before: Lived, after: Lived, command: Command | null): HostEvent[] {
  return [
    ...(command === null ? [] : [given(command)]),
    ...(before.operational === after.operational ? [] : [changed('state', after.operational)]),
    ...(before.availability === after.availability || !STATUSES.has(after.availability)
      ? []
      : [changed('status', after.availability, after.failure)]),
  ];
}

function given(command: Command): HostEvent {
  const name = NAMED[command] ?? command.toLowerCase().replaceAll('_', '-');
  const by = command in NAMED ? 'The region asks by itself' : 'An operator asks';
  return { eventId: '200.021', instance: `.command=${name}`, reasonText: `${by} for ${name}.` };
}

function changed(what: 'state' | 'status', to: string, why: string | null = null): HostEvent {
  const value = to.toLowerCase();
  return {
    eventId: '200.022',
    instance: `.${what}=${value}`,
    reasonText: `The host is ${value}.${why ? ` ${why}` : ''}`,
  };
}
