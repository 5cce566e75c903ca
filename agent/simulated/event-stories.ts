// What happens in a simulated region and has no state: its hosts come up with the agent, and now and then something short
// befalls one of them. Pure: the same key and times give the same events. Ids, entities and words are StarlingX's.
import type { EventReport } from '../report.ts';
import { createRandom } from './random.ts';

/** Something may happen once in each window. */
const WINDOW_MS = 600_000;
const CHANCE = 0.6;

interface Moment {
  readonly afterMs: number;
  readonly eventId: string;
  entity(host: string): string;
  words(host: string): string;
}

type Story = readonly Moment[];

const link = (afterMs: number, words: Moment['words']): Moment => ({
  afterMs,
  eventId: '401.005',
  entity: host => `host=${host}.network=cluster-host`,
  words,
});

const STORIES: readonly [Story, ...Story[]] = [
  [
    link(0, host => `Communication failure detected with peer over port eno2 on host ${host}`),
    link(18_000, host => `Communication established with peer over port eno2 on host ${host}`),
  ],
  [
    {
      afterMs: 0,
      eventId: '500.500',
      entity: host => `host=${host}.service=IMA`,
      words: host => `IMA appraisal of a file failed on host ${host}; its execution was allowed`,
    },
  ],
];

/** The hosts as they come up: StarlingX logs the change of their status. */
export const startEvents = (hostnames: readonly string[], now: number): EventReport[] =>
  hostnames.map(host => ({
    eventId: '200.022',
    entityInstanceId: `host=${host}.status=online`,
    reasonText: `${host} is now 'online'`,
    occurredAt: new Date(now).toISOString(),
  }));

/** What happened after `from` and up to `to`, oldest first. */
export function eventsBetween(key: string, hostnames: readonly string[], from: number, to: number): EventReport[] {
  const events: EventReport[] = [];
  // the window before, too: a story may reach beyond the end of its own
  for (let window = Math.floor(from / WINDOW_MS) - 1; window <= Math.floor(to / WINDOW_MS); window++)
    events.push(
      ...storyOf(key, hostnames, window)
        .filter(({ at }) => at > from && at <= to)
        .map(({ event }) => event),
    );
  return events;
}

function storyOf(key: string, hostnames: readonly string[], window: number) {
  const random = createRandom(`${key}/events/${window}`);
  const [first, ...rest] = hostnames;
  if (first === undefined || !random.chance(CHANCE)) return [];
  const begins = window * WINDOW_MS + random.int(0, WINDOW_MS - 1);
  const host = random.pick([first, ...rest]);
  return random.pick(STORIES).map(({ afterMs, eventId, entity, words }) => {
    const at = begins + afterMs;
    const occurredAt = new Date(at).toISOString();
    return { at, event: { eventId, entityInstanceId: entity(host), reasonText: words(host), occurredAt } };
  });
}
