// Asks the edge doors of regions, and remembers what each of them can: not every region has one, not every door writes
// answers in shape, and a plan that a door has seen need not travel again. A door that says otherwise is believed at once.
import type { SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { DirectoryRegion } from '../routing/region-directory.ts';
import { saysTheRegionIsAway } from '../routing/region-fetch.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';
import { readAnswer } from '../routing/subgraph-text.ts';
import { type Asker, TransportFailure } from '../routing/transport.ts';
import { timedAsker } from './explained.ts';
import type { DoorAsker, DoorForm, Sharding } from './fetcher.ts';
import type { RegionDeps } from './region-sharding.ts';
import { isShaped } from './shaped-answer.ts';

export type EdgeDoors = Pick<Sharding<RequestScope>, 'hasDoor' | 'writes' | 'askDoor'>;

const NO_DOOR_MS = 60_000; // a region that is upgraded gets its door used within a minute

interface PlainAnswer extends SubgraphAnswer {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

interface Question<Batch> {
  readonly asker: DoorAsker<Batch>;
  readonly batch: Batch;
  readonly region: string;
  readonly door: DirectoryRegion;
  readonly scope: RequestScope;
}

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

  const ask = <Batch>(question: Question<Batch>, form: DoorForm): void => {
    const { asker, batch, region, door, scope } = question;
    const body = asker.body(batch, form);
    const request = { url: planUrlOf(door), body, deadlineMs: regionDeadlineMs, share: true, signal: scope.signal };
    const taker: Asker = {
      take: (status, bytes) => {
        if (asker.takeShaped && isShaped(bytes)) {
          if (!asker.takeShaped(batch, bytes))
            throw new TransportFailure('unusable', 'answered in another shape than it was asked for');
          if (form === 'in shape') writing.get(door.endpoint)?.add(asker.plan);
          return;
        }
        const plain: PlainAnswer = readAnswer(status, bytes);
        if (form === 'known' && isUnknownPlan(plain)) return ask(question, 'in shape');
        if (form === 'in shape') writing.get(door.endpoint)?.add(asker.plan);
        asker.answered(batch, usable(question, plain));
      },
      failed: error => failed(question, error),
    };
    const { explain } = scope;
    transport.ask(request, explain ? timedAsker(deps, explain, { asked: 'edge door', region, body }, taker) : taker);
  };

  /** The answer if it can be used; what it says of the door is remembered. */
  const usable = <Batch>(
    { asker, batch, door: { endpoint } }: Question<Batch>,
    answer: PlainAnswer,
  ): PlainAnswer | null => {
    const { data, errors, extensions } = answer;
    const isAnswer = Array.isArray(data?.['roots']);
    if (!isAnswer || extensions?.['shapes'] !== true) writing.delete(endpoint);
    else if (!writing.has(endpoint)) writing.set(endpoint, new WeakSet());
    if (isAnswer && asker.flawOf(batch, answer) === null) return answer;
    if (isAnswer || errors?.[0]?.extensions?.['code'] === 'NOT_FOUND') withoutDoor.set(endpoint, now() + NO_DOOR_MS);
    return null;
  };
  const failed = <Batch>({ asker, batch, region, door, scope }: Question<Batch>, error: unknown): void => {
    if (error instanceof TransportFailure) {
      if (error.kind === 'unusable') {
        writing.delete(door.endpoint);
        withoutDoor.set(door.endpoint, now() + NO_DOOR_MS);
      } else if (saysTheRegionIsAway(error)) scope.failures.set(region, error);
      asker.answered(batch, null);
    } else asker.failed(error);
  };

  return {
    hasDoor: region => {
      const door = doors ? directory.get(region) : undefined;
      // what another release does not know is left out fetch by fetch
      return door !== undefined && !release.differs(door) && (withoutDoor.get(door.endpoint) ?? 0) <= now();
    },
    writes: region => writing.has(directory.get(region)?.endpoint ?? ''),
    askDoor: (asker, batch, region, scope) => {
      const door = directory.get(region);
      if (!door || scope.failures.has(region)) return asker.answered(batch, null);
      const seen = asker.takeShaped && writing.get(door.endpoint);
      const form = seen ? (seen.has(asker.plan) ? 'known' : 'in shape') : 'plain';
      ask({ asker, batch, region, door, scope }, form);
    },
  };
}

/** The door was started anew, or has had too many since. */
const isUnknownPlan = ({ errors }: SubgraphAnswer): boolean => errors?.[0]?.extensions?.['code'] === 'PLAN_UNKNOWN';
