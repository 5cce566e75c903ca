// The table of the host lifecycle as docs/host-lifecycle.md has it, made from the machine itself.
import { refusalOf } from '../../../subgraphs/edge/inventory/lifecycle/host-command.ts';
import { next } from '../../../subgraphs/edge/inventory/lifecycle/host-lifecycle.ts';
import {
  COMMANDS,
  type HostEvent,
  type LifecycleState,
} from '../../../subgraphs/edge/inventory/lifecycle/host-state.ts';
import { AROUND, keyOf, REPORTS, reachable } from './lifecycle-situations.ts';

const situationOf = ({ administrative, availability, job }: LifecycleState): string =>
  `${administrative} ${availability}${job ? `, ${job.step}` : ''}`;

/** One state stands for its situation: of a host that was in service before, in a job that is not forced. */
function situations(): LifecycleState[] {
  const found = new Map<string, LifecycleState>();
  const isForced = ({ job }: LifecycleState): boolean => job?.action.startsWith('FORCE') ?? false;
  for (const state of reachable().sort((a, b) => Number(isForced(a)) - Number(isForced(b)))) {
    const key = situationOf(state);
    const isPlain = state.provisioning === 'PROVISIONED' && !state.impaired;
    if (isPlain && !found.has(key)) found.set(key, state);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
}

const labelOf = (event: HostEvent): string =>
  event.type === 'CONDITIONS' ? `CONDITIONS(${event.degraded ? 'degraded' : 'sound'})` : event.type;

/** What an event makes of a state; null when it changes nothing. */
function becomes(state: LifecycleState, event: HostEvent): string | null {
  const outcome = next(state, event, AROUND);
  if (outcome.refusal || (keyOf(outcome.state) === keyOf(state) && outcome.effects.length === 0)) return null;
  if (outcome.effects.some(({ type }) => type === 'REMOVE')) return 'removed';
  const ended = outcome.effects.findLast(({ type }) => type === 'END');
  const mark = ended?.type === 'END' ? (ended.result === 'SUCCEEDED' ? ' ✓' : ' ✗') : '';
  return `${situationOf(outcome.state)}${mark}`;
}

function rowOf(state: LifecycleState): string {
  const changes = new Map<string, string[]>();
  for (const event of REPORTS) {
    const to = becomes(state, event);
    if (to !== null && to !== situationOf(state)) changes.set(to, [...(changes.get(to) ?? []), labelOf(event)]);
  }
  const reports = [...changes].map(([to, events]) => `${events.join(', ')} → ${to}`);
  const allowed = COMMANDS.filter(command => refusalOf(command, state, AROUND) === null).map(
    type => `${type} → ${becomes(state, { type })}`,
  );
  return `| ${situationOf(state)} | ${reports.join('<br>')} | ${allowed.join('<br>')} |`;
}

export const lifecycleTable = (): string =>
  ['| situation | reports that change it | commands allowed |', '|---|---|---|', ...situations().map(rowOf)].join('\n');
