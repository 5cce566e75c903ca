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

/**
 * Asks edge doors, one batch of objects each, and takes what they answer. Of `takeShaped`, `answered` and `failed` one is called
 * in the end for each batch, perhaps before `askDoor` returns.
 */
export interface DoorAsker<Batch> {
  /** Stands for the plan and its shape. */
  readonly plan: object;
  /** JSON text of the request: answered as data, in shape, or in shape by a plan that the door has seen. */
  body(batch: Batch, form: DoorForm): string;
  /** Why an answer cannot be used, or null. */
  flawOf(batch: Batch, answer: SubgraphAnswer): string | null;
  /**
   * Takes an answer in shape, whose bytes stay as they are during the call only; false for one that cannot be used, of which
   * nothing was taken. Undefined where none is asked for.
   */
  readonly takeShaped: ((batch: Batch, bytes: Buffer) => boolean) | undefined;
  /** Null when the region turns out to have no such door, or its answer has a flaw. */
  answered(batch: Batch, answer: SubgraphAnswer | null): void;
  /** The client has left, or there is a fault of ours. */
  failed(error: unknown): void;
}

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
  askDoor<Batch>(asker: DoorAsker<Batch>, batch: Batch, region: string, scope: Scope): void;
  /** How answers of the regions to a fetch are looked at; undefined for a subgraph that is not sharded. */
  checkOf(fetch: Fetch): AnswerCheck | undefined;
}
