// Asks the edge doors of regions, and remembers what each of them can: not every region has one, not every door writes
// answers in shape, and a plan that a door has seen need not travel again. A door that says otherwise is believed at once.
import type { SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import { saysTheRegionIsAway } from '../routing/region-fetch.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';
import { readAnswer } from '../routing/subgraph-text.ts';
import { TransportFailure } from '../routing/transport.ts';
import { timed } from './explained.ts';
import type { DoorAnswer, DoorQuestion, Sharding } from './fetcher.ts';
import type { RegionDeps } from './region-sharding.ts';
import { isShaped } from './shaped-answer.ts';

export type EdgeDoors = Pick<Sharding<RequestScope>, 'hasDoor' | 'writes' | 'askDoor'>;

const NO_DOOR_MS = 60_000; // a region that is upgraded gets its door used within a minute

interface PlainAnswer extends SubgraphAnswer {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}
type Given<T> = { readonly plain: PlainAnswer } | { readonly shaped: T };

export function edgeDoors(deps: RegionDeps): EdgeDoors {
  const { directory, transport, release, regionDeadlineMs, doors, now } = deps;
  /** Endpoints without a door of use, and until when that is believed. */
  const withoutDoor = new Map<string, number>();
  /** Endpoints whose doors said that they write answers in shape, and the plans that each of them has seen. */
  const writing = new Map<string, WeakSet<object>>();

  const ask = <T>(
    endpoint: string,
    { region, readShaped }: DoorQuestion<T>,
    scope: RequestScope,
    body: string,
  ): Promise<Given<T>> =>
    timed(deps, scope, { asked: 'edge door', region, body }, () =>
      transport.sendFor(
        { url: `${endpoint}/plan`, body, deadlineMs: regionDeadlineMs, share: true, signal: scope.signal },
        reading(readShaped),
      ),
    );

  const askInShape = async <T>(
    endpoint: string,
    seen: WeakSet<object>,
    question: DoorQuestion<T>,
    scope: RequestScope,
  ): Promise<Given<T>> => {
    const { plan, body } = question;
    if (seen.has(plan)) {
      const answer = await ask(endpoint, question, scope, body('known'));
      if ('shaped' in answer || !isUnknownPlan(answer.plain)) return answer;
    }
    const answer = await ask(endpoint, question, scope, body('in shape'));
    seen.add(plan);
    return answer;
  };

  /** What can be used of an answer; what it says of the door is remembered. */
  const usable = <T>(endpoint: string, { flawOf }: DoorQuestion<T>, given: Given<T>): DoorAnswer<T> | null => {
    if ('shaped' in given) return given;
    const { data, errors, extensions } = given.plain;
    const isAnswer = Array.isArray(data?.['roots']);
    if (!isAnswer || extensions?.['shapes'] !== true) writing.delete(endpoint);
    else if (!writing.has(endpoint)) writing.set(endpoint, new WeakSet());
    if (isAnswer && flawOf(given.plain) === null) return given;
    if (isAnswer || errors?.[0]?.extensions?.['code'] === 'NOT_FOUND') withoutDoor.set(endpoint, now() + NO_DOOR_MS);
    return null;
  };

  return {
    hasDoor: region => {
      const door = doors ? directory.get(region) : undefined;
      // what another release does not know is left out fetch by fetch
      return door !== undefined && !release.differs(door) && (withoutDoor.get(door.endpoint) ?? 0) <= now();
    },
    writes: region => writing.has(directory.get(region)?.endpoint ?? ''),
    askDoor: async (question, scope) => {
      const { region, readShaped, body } = question;
      const endpoint = directory.get(region)?.endpoint;
      if (endpoint === undefined || scope.failures.has(region)) return null;
      const seen = readShaped && writing.get(endpoint);
      try {
        const given = await (seen
          ? askInShape(endpoint, seen, question, scope)
          : ask(endpoint, question, scope, body('plain')));
        return usable(endpoint, question, given);
      } catch (error) {
        if (!(error instanceof TransportFailure)) throw error;
        if (error.kind === 'unusable') {
          writing.delete(endpoint);
          withoutDoor.set(endpoint, now() + NO_DOOR_MS);
        } else if (saysTheRegionIsAway(error)) scope.failures.set(region, error);
        return null;
      }
    },
  };
}

/** The door was started anew, or has had too many since. */
const isUnknownPlan = ({ errors }: SubgraphAnswer): boolean => errors?.[0]?.extensions?.['code'] === 'PLAN_UNKNOWN';

/** Takes an answer in shape where one was asked for, and any other as GraphQL. */
const reading =
  <T>(readShaped: DoorQuestion<T>['readShaped']) =>
  (status: number, body: Buffer): Given<T> => {
    if (!readShaped || !isShaped(body)) return { plain: readAnswer(status, body) };
    const shaped = readShaped(body);
    if (shaped === null) throw new TransportFailure('unusable', 'answered in another shape than it was asked for');
    return { shaped };
  };
