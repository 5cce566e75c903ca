// What the engine needs of the world: someone who carries a request to a subgraph, and, where subgraphs are sharded, who
// says which region answers what.
import type { AnswerCheck, CompiledFetch } from '../../federation/compiled-fetch.ts';
import type { Fetch } from '../../federation/fetch-plan.ts';
import type { Variables } from '../../federation/fetch-selection.ts';
import type { RootParts } from '../../federation/run-fetches.ts';
import type { FetchFailure, SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Target } from '../../federation/targets.ts';

export interface FetchRequest<Scope> {
  readonly fetch: CompiledFetch;
  /** Null for a subgraph that is not sharded, and for objects whose id names no region. */
  readonly region: string | null;
  /** JSON text of the GraphQL request. */
  readonly body: string;
  readonly scope: Scope;
}

export interface Fetcher<Scope> {
  /** Throws FetchFailure. The answer is the caller's own: the engine makes its objects part of the data. */
  fetch(request: FetchRequest<Scope>): Promise<SubgraphAnswer>;
  /** What an execution asked of whom, for clients that want to know it. */
  explained?(scope: Scope): unknown;
  /** The failure that stands for an answer that cannot be used. */
  unusable(request: Pick<FetchRequest<Scope>, 'fetch' | 'region'>, flaw: string): FetchFailure;
}

export type DoorForm = 'plain' | 'in shape' | 'known';

export interface DoorQuestion<T> {
  readonly region: string;
  /** Stands for the plan and its shape. */
  readonly plan: object;
  /** JSON text of the request: answered as data, in shape, or in shape by a plan that the door has seen. */
  body(form: DoorForm): string;
  /** Why an answer cannot be used, or null. */
  flawOf(answer: SubgraphAnswer): string | null;
  /** Takes an answer in shape, whose bytes stay as they are during the call only; null for one that cannot be used. Without it none is asked for. */
  readShaped?: ((bytes: Buffer) => T | null) | undefined;
}

export type DoorAnswer<T> = { readonly plain: SubgraphAnswer } | { readonly shaped: T };

/** Subgraphs that every region runs for itself. */
export interface Sharding<Scope> {
  isSharded(subgraph: string): boolean;
  /** The region that answers for an object; null when its id names none. */
  regionOf(target: Target): string | null;
  /** The parts of a fetch of root fields. */
  rootParts(fetch: CompiledFetch, variables: Variables): RootParts;
  /** Whether a region takes several fetches at once at its edge door. */
  hasDoor(region: string): boolean;
  /** Whether that door is known to write answers in shape. */
  writes(region: string): boolean;
  /** Null when the region turns out to have no such door, or its answer has a flaw. */
  askDoor<T>(question: DoorQuestion<T>, scope: Scope): Promise<DoorAnswer<T> | null>;
  /** How answers of the regions to a fetch are looked at; undefined for a subgraph that is not sharded. */
  checkOf(fetch: Fetch): AnswerCheck | undefined;
}
