// Asks one subgraph of one region: where its door stands, whether it failed in this request already, what its release does
// not know, and how a region that gave no answer is told.
import { codedError } from '../../schema/errors.ts';
import type { EdgeSubgraph } from '../../schema/sources.ts';
import { type Lru, lru } from './lru.ts';
import { withMissing } from './missing-fields.ts';
import { readShape, type Variables } from './operation-shape.ts';
import type { DirectoryRegion, RegionDirectory } from './region-directory.ts';
import { type RegionFailure, regionError } from './region-errors.ts';
import { type AskOptions, type RegionSchemas, regionSchemas } from './region-schemas.ts';
import type { SchemaShape } from './schema-shape.ts';
import { type MissingField, type PrunedOperation, prune } from './schema-skew.ts';
import type { RequestScope } from './subgraph-router.ts';
import {
  type SubgraphAnswer,
  type SubgraphError,
  type SubgraphRequest,
  type Transport,
  TransportFailure,
} from './transport.ts';

export interface Question {
  readonly request: SubgraphRequest;
  /** With the defaults of the operation. */
  readonly variables: Variables;
  readonly isMutation: boolean;
  /** Types of the entities that are asked for, in their order; left out when root fields are. */
  readonly typenames?: readonly string[] | undefined;
  /** Why an answer is none, or null. */
  flawOf(answer: SubgraphAnswer): string | null;
}

/** A region gave no answer; `error` stands in for it. */
export class RegionMissing extends Error {
  readonly error: SubgraphError;
  constructor(error: SubgraphError) {
    super(error.message);
    this.name = 'RegionMissing';
    this.error = error;
  }
}

export interface RegionFetchDeps {
  readonly directory: Pick<RegionDirectory, 'get'>;
  readonly transport: Pick<Transport, 'send'>;
  readonly regionDeadlineMs: number;
}

/** Throws RegionMissing, or the reason of the scope's signal. */
export type RegionFetch = (
  scope: RequestScope,
  subgraph: EdgeSubgraph,
  region: string,
  question: Question,
) => Promise<SubgraphAnswer>;

export function regionFetch({ directory, transport, regionDeadlineMs }: RegionFetchDeps): RegionFetch {
  const schemas = regionSchemas(transport);
  const prunedOf = pruneCache();

  return async ({ failures, signal }, subgraph, region, question) => {
    const { request, isMutation } = question;
    const door = directory.get(region);
    const missing = (failure: RegionFailure, wasSent: boolean): RegionMissing =>
      new RegionMissing(regionError(region, subgraph, failure, { isMutation, wasSent }));
    const known = door ? failures.get(region) : 'unknown';
    if (!door || known) throw missing(known ?? 'unknown', false);
    const options: AskOptions = { deadlineMs: regionDeadlineMs, signal };
    const send = (query: string): Promise<SubgraphAnswer> =>
      transport.send({
        url: `${door.endpoint}/${subgraph}/graphql`,
        body: JSON.stringify({ ...request, query }),
        share: !isMutation,
        ...options,
      });
    const sendCut = async (cut: PrunedOperation): Promise<SubgraphAnswer> =>
      withMissing(
        cut.text === null ? nothingOf(question) : await send(cut.text),
        cut.missing,
        question,
        behindError(region, subgraph),
      );
    try {
      const schema = schemas.differs(door, subgraph) ? await schemas.of(door, subgraph, options) : null;
      const cut = schema && prunedOf(request.query, schema);
      let answer = cut ? await sendCut(cut) : await send(request.query);
      if (isNotUnderstood(answer)) {
        const other = await again(schemas, door, subgraph, options, schema);
        const newCut = other && prunedOf(request.query, other);
        if (newCut) answer = await sendCut(newCut);
      }
      const flaw = question.flawOf(answer);
      if (flaw !== null) throw new TransportFailure('unusable', flaw);
      return answer;
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
      // one of a region's doors that is not asked, or answers badly, says nothing of the others
      if (error.kind === 'unreachable' || error.kind === 'timeout') failures.set(region, error);
      throw missing(error, error.wasSent);
    }
  };
}

/** The region refused the whole operation, unexecuted: it may have changed its release a moment ago. */
const isNotUnderstood = ({ data, errors }: SubgraphAnswer): boolean =>
  !data && errors?.[0]?.extensions?.['code'] === 'GRAPHQL_VALIDATION_FAILED';

/** The schema that the region runs now, unless it is the one that was known. */
async function again(
  schemas: RegionSchemas,
  door: DirectoryRegion,
  subgraph: EdgeSubgraph,
  options: AskOptions,
  known: SchemaShape | null,
): Promise<SchemaShape | null> {
  const now = await schemas.look(door, subgraph, options);
  return now === known ? null : now;
}

/** As if the region had been asked for what it does not know only: nothing but the places of what was asked for. */
const nothingOf = ({ typenames }: Question): SubgraphAnswer => ({
  data: typenames ? { _entities: typenames.map(() => ({})) } : {},
});

const behindError =
  (region: string, subgraph: EdgeSubgraph) =>
  ({ coordinate }: MissingField): SubgraphError => {
    const { message, extensions } = codedError(
      'REGION_SCHEMA_BEHIND',
      `Region ${region} runs another release, whose ${subgraph} subgraph does not know ${coordinate} as it was asked for: update its software to see it.`,
      { region, field: coordinate },
    );
    return { message, extensions };
  };

const KEPT = 1_000; // operations by schema

/** What is left of an operation for a schema; null when all of it is. */
function pruneCache(): (query: string, schema: SchemaShape) => PrunedOperation | null {
  const bySchema = new WeakMap<SchemaShape, Lru<string, { readonly cut: PrunedOperation | null }>>();
  return (query, schema) => {
    const known = bySchema.get(schema) ?? lru(KEPT);
    bySchema.set(schema, known);
    return known.getOrMake(query, () => ({ cut: prune(readShape(query), schema) })).cut;
  };
}
