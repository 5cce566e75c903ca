// Asks the edge doors of regions, and remembers what each of them can: not every region has one, not every door writes
// answers in shape, and a plan that a door has seen need not travel again. A door that says otherwise is believed at once.
import type { SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { DirectoryRegion } from '../routing/region-directory.ts';
import { saysTheRegionIsAway } from '../routing/region-fetch.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';
import { readAnswer } from '../routing/subgraph-text.ts';
import { TransportFailure } from '../routing/transport.ts';
import { timed } from './explained.ts';
import type { DoorAnswer, DoorForm, DoorQuestion, Sharding } from './fetcher.ts';
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

  /** Made once: the transport finds its door by this text, which is not hashed anew for each request then. */
  const planUrls = new WeakMap<DirectoryRegion, string>();
  const planUrlOf = (door: DirectoryRegion): string => {
    const known = planUrls.get(door);
    if (known !== undefined) return known;
    const url = `${door.endpoint}/plan`;
    planUrls.set(door, url);
    return url;
  };

  const ask = <T>(
    url: string,
    { region, readShaped, body: bodyOf }: DoorQuestion<T>,
    scope: RequestScope,
    form: DoorForm,
  ): Promise<Given<T>> => {
    const body = bodyOf(form);
    return timed(deps, scope, { asked: 'edge door', region, body }, () =>
      transport.sendFor(
        { url, body, deadlineMs: regionDeadlineMs, share: true, signal: scope.signal },
        reading(readShaped),
      ),
    );
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
      const { region, readShaped, plan } = question;
      const door = directory.get(region);
      if (!door || scope.failures.has(region)) return null;
      const { endpoint } = door;
      const url = planUrlOf(door);
      const seen = readShaped && writing.get(endpoint);
      const form = seen ? (seen.has(plan) ? 'known' : 'in shape') : 'plain';
      try {
        let given = await ask(url, question, scope, form);
        if (form === 'known' && 'plain' in given && isUnknownPlan(given.plain))
          given = await ask(url, question, scope, 'in shape');
        if (form === 'in shape') seen?.add(plan);
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
