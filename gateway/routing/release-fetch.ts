// Carries a request to a subgraph of a region that may run another release than the centre: what that one does not know is
// left out of the request, and is null in the answer with REGION_SCHEMA_BEHIND. See
// docs/decisions/0021-regions-of-other-releases.md.
import { Kind } from 'graphql';
import { type Lru, lru } from '../../runtime/lru.ts';
import { codedError } from '../../schema/errors.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph } from '../../schema/sources.ts';
import { type AskedFor, withMissing } from './missing-fields.ts';
import {
  type OperationShape,
  readShape,
  responseName,
  rootFields,
  type Variables,
  withDefaults,
} from './operation-shape.ts';
import type { DirectoryRegion } from './region-directory.ts';
import { regionSchemas } from './region-schemas.ts';
import type { SchemaShape } from './schema-shape.ts';
import { type MissingField, type PrunedOperation, prune } from './schema-skew.ts';
import type { SubgraphAnswer, SubgraphError, SubgraphRequest, Transport } from './transport.ts';

export interface ReleaseRequest {
  readonly door: DirectoryRegion;
  readonly subgraph: EdgeSubgraph;
  /** JSON text of the request. */
  readonly body: string;
  readonly isMutation: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ReleaseFetch {
  /** Throws TransportFailure, or the signal's reason. */
  ask(request: ReleaseRequest): Promise<SubgraphAnswer>;
  /** Whether the region is known to run another release in any of its subgraphs. */
  differs(door: DirectoryRegion): boolean;
}

export interface ReleaseFetchDeps {
  readonly transport: Pick<Transport, 'send'>;
  readonly regionDeadlineMs: number;
}

export function releaseFetch({ transport, regionDeadlineMs }: ReleaseFetchDeps): ReleaseFetch {
  const schemas = regionSchemas(transport);
  const prunedOf = pruneCache();

  return {
    ask: async ({ door, subgraph, body, isMutation, signal }) => {
      const options = { deadlineMs: regionDeadlineMs, signal };
      const url = `${door.endpoint}/${subgraph}/graphql`;
      const send = (text: string) => transport.send({ url, body: text, share: !isMutation, ...options });
      const sendFor = async (schema: SchemaShape | null): Promise<SubgraphAnswer | null> => {
        if (!schema) return null;
        const { query, variables = {} } = JSON.parse(body) as SubgraphRequest;
        const cut = prunedOf(query, schema);
        if (!cut) return null;
        const asked = askedFor(cut.shape, variables);
        const answer =
          cut.text === null ? nothingOf(asked) : await send(JSON.stringify({ query: cut.text, variables }));
        return withMissing(answer, cut.missing, asked, behindError(door.id, subgraph));
      };
      const known = schemas.differs(door, subgraph) ? await schemas.of(door, subgraph, options) : null;
      const answer = (await sendFor(known)) ?? (await send(body));
      if (!isNotUnderstood(answer)) return answer;
      const now = await schemas.look(door, subgraph, options);
      return (now === known ? null : await sendFor(now)) ?? answer;
    },
    differs: door => EDGE_SUBGRAPHS.some(subgraph => schemas.differs(door, subgraph)),
  };
}

/** The region refused the whole operation, unexecuted: it may have changed its release a moment ago. */
const isNotUnderstood = ({ data, errors }: SubgraphAnswer): boolean =>
  !data && errors?.[0]?.extensions?.['code'] === 'GRAPHQL_VALIDATION_FAILED';

function askedFor(shape: OperationShape, given: Variables): AskedFor {
  const variables = withDefaults(shape, given);
  const entityTypes = new Map<string, string[]>();
  for (const field of rootFields(shape, variables)) {
    const value = field.arguments?.find(argument => argument.name.value === 'representations')?.value;
    if (field.name.value !== '_entities' || value?.kind !== Kind.VARIABLE) continue;
    const representations = variables[value.name.value] as readonly { readonly __typename: string }[];
    entityTypes.set(
      responseName(field),
      representations.map(({ __typename }) => __typename),
    );
  }
  return { variables, entityTypes };
}

/** As if the region had been asked for what it does not know only: nothing but the places of what was asked for. */
const nothingOf = ({ entityTypes }: AskedFor): SubgraphAnswer => ({
  data: Object.fromEntries([...entityTypes].map(([name, types]) => [name, types.map(() => ({}))])),
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

interface Cut extends PrunedOperation {
  readonly shape: OperationShape;
}

const KEPT = 1_000; // operations by schema

/** What is left of an operation for a schema; null when all of it is. */
function pruneCache(): (query: string, schema: SchemaShape) => Cut | null {
  const bySchema = new WeakMap<SchemaShape, Lru<string, { readonly cut: Cut | null }>>();
  const cutOf = (query: string, schema: SchemaShape): Cut | null => {
    const shape = readShape(query);
    const pruned = prune(shape, schema);
    return pruned && { ...pruned, shape };
  };
  return (query, schema) => {
    const known = bySchema.get(schema) ?? lru(KEPT);
    bySchema.set(schema, known);
    return known.getOrMake(query, () => ({ cut: cutOf(query, schema) })).cut;
  };
}
