// Sends what a plan asks of a subgraph to whoever runs it: the fleet subgraph to the centre, an edge subgraph to the
// regions that its representations or root fields name, side by side. The narrow seam under every execution engine.
import { type FieldNode, GraphQLError } from 'graphql';
import { lru } from '../../runtime/lru.ts';
import { codedError } from '../../schema/errors.ts';
import { type RegionPaths, regionPathsOf } from '../../schema/region-directive.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph, isEdgeSubgraph, readSubgraph } from '../../schema/sources.ts';
import { expectedShape, type ShapeCheck, shapeCheck } from './answer-shape.ts';
import {
  entityFlaw,
  joinShares,
  missingShare,
  type Representation,
  type ShareAnswer,
  sharesByRegion,
} from './entity-routing.ts';
import {
  entityFieldNames,
  entityFields,
  type OperationShape,
  responseName,
  rootFields,
  rootTypeOf,
  shapeCache,
  type Variables,
  withDefaults,
} from './operation-shape.ts';
import type { RegionFailure } from './region-errors.ts';
import { type Question, type RegionFetchDeps, RegionMissing, regionFetch } from './region-fetch.ts';
import { knownOf } from './region-stand-in.ts';
import {
  partsByRegion,
  type RegionPart,
  type RoutedField,
  regionOfField,
  requestFor,
  rootFlaw,
} from './root-routing.ts';
import { shapeOfSchema } from './schema-shape.ts';
import {
  type SubgraphAnswer,
  type SubgraphError,
  type SubgraphRequest,
  type Transport,
  TransportFailure,
} from './transport.ts';

/** What one client request (or one event of a subscription) carries through all its fetches. */
export interface RequestScope {
  /** Regions that failed in this request: they are not asked again, so that a hanging one costs its deadline once. */
  readonly failures: Map<string, RegionFailure>;
  /** Aborts when nobody waits for the answer any more: what is under way is given up. */
  readonly signal?: AbortSignal | undefined;
  /** Collects what was asked of whom, when the client wants to know. */
  readonly explain?: ExplainedRequest[] | undefined;
}

/** One request of an execution, as `extensions.plan` tells it. */
export interface ExplainedRequest {
  /** A subgraph, or `edge door`. */
  readonly asked: string;
  readonly region: string | null;
  readonly requestBytes: number;
  readonly ms: number;
}

export const newRequestScope = (signal?: AbortSignal): RequestScope => ({ failures: new Map(), signal });

export interface SubgraphRouter {
  fetch(subgraph: string, request: SubgraphRequest, scope: RequestScope): Promise<SubgraphAnswer>;
}

export interface RouterDeps extends RegionFetchDeps {
  readonly transport: Pick<Transport, 'send'>;
  /** GraphQL address of the fleet subgraph. */
  readonly fleetUrl: string;
  readonly fleetDeadlineMs: number;
}

const KEPT = 1_000; // operations, as many as operation-shape.ts keeps

export function subgraphRouter(deps: RouterDeps): SubgraphRouter {
  const { shapeOf, withIds } = shapeCache();
  const askRegion = regionFetch(deps);
  const pathsBySubgraph = new Map<EdgeSubgraph, ReadonlyMap<string, RegionPaths>>(
    EDGE_SUBGRAPHS.map(name => [name, regionPathsOf(readSubgraph(name))]),
  );
  const schemas = new Map(EDGE_SUBGRAPHS.map(name => [name, shapeOfSchema(readSubgraph(name))]));
  const checks = lru<OperationShape, ShapeCheck>(KEPT);

  return {
    fetch: (subgraph, request, scope) => {
      const shape = shapeOf(request.query);
      if (!isEdgeSubgraph(subgraph)) return askFleet(deps, scope, request, shape);
      const shapeFlaw = checks.getOrMake(shape, () => shapeCheck(expectedShape(shape, schemas.get(subgraph)!), 'data'));
      const ask: Ask = (region, question) =>
        askRegion(scope, subgraph, region, {
          ...question,
          flawOf: answer => question.flawOf(answer) ?? shapeFlaw(answer.data),
        });
      const variables = request.variables ?? {};
      const representations = variables['representations'];
      return Array.isArray(representations)
        ? fetchEntities(ask, { ...request, query: withIds(request.query) }, shape, representations as Representation[])
        : fetchRoots(ask, request, shape, pathsBySubgraph.get(subgraph)!);
    },
  };
}

/** Asks one region; throws RegionMissing with the error that stands in for its answer. */
type Ask = (region: string, question: Question) => Promise<SubgraphAnswer>;

async function askFleet(
  { transport, fleetUrl, fleetDeadlineMs, directory }: RouterDeps,
  { signal }: RequestScope,
  request: SubgraphRequest,
  shape: OperationShape,
): Promise<SubgraphAnswer> {
  try {
    return await transport.send({
      url: fleetUrl,
      body: JSON.stringify(request),
      deadlineMs: fleetDeadlineMs,
      signal,
      share: rootTypeOf(shape) === 'Query',
    });
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    return missingFleet(directory, withDefaults(shape, request.variables), shape, error);
  }
}

/** An error that were thrown instead would reach the client without a path. */
function missingFleet(
  directory: RouterDeps['directory'],
  variables: Variables,
  shape: OperationShape,
  { message }: TransportFailure,
): SubgraphAnswer {
  const error = errorOf(
    codedError(
      'FLEET_UNREACHABLE',
      `The fleet service cannot be reached: ${message}. Live fields of a region still answer by id.`,
    ),
  );
  const representations = variables['representations'];
  if (!Array.isArray(representations)) return missingFields(rootFields(shape, variables), error);
  const fields = entityFields(shape, variables, 'Region');
  const known = (representations as Representation[]).map(asked => knownOf(directory, asked, fields));
  return joinShares(
    known.length,
    [true, false].map(isKnown => {
      const indexes = [...known.keys()].filter(i => (known[i] !== null) === isKnown);
      const share = { region: '', representations: indexes.map(i => representations[i] as Representation), indexes };
      const isMissing = (name: string): boolean => !isKnown || !Object.hasOwn(known[indexes[0]!]!, name);
      const { errors = [] } = missingShare(share, error, typename =>
        entityFieldNames(shape, variables, typename).filter(isMissing),
      );
      return { share, answer: { data: { _entities: indexes.map(i => known[i]) }, errors } };
    }),
  );
}

async function fetchEntities(
  ask: Ask,
  request: SubgraphRequest,
  shape: OperationShape,
  representations: readonly Representation[],
): Promise<SubgraphAnswer> {
  const variables = withDefaults(shape, request.variables);
  const shares = [...sharesByRegion(representations)];
  const answers = await Promise.all(
    shares.map(async ([region, share]): Promise<ShareAnswer> => {
      const fieldsOf = (typename: string): string[] => entityFieldNames(shape, variables, typename);
      if (region === null) return { share, answer: missingShare(share, NO_REGION, fieldsOf) };
      const part =
        shares.length === 1
          ? request
          : { ...request, variables: { ...request.variables, representations: share.representations } };
      const answer = await ask(region, {
        request: part,
        isMutation: false,
        flawOf: given => entityFlaw(given, share.representations),
      }).catch(error => missingShare(share, errorOf(error), fieldsOf));
      return { share, answer };
    }),
  );
  return joinShares(representations.length, answers);
}

const NO_REGION: SubgraphError = {
  message: 'This id names no region: ids look like <region>/<local id>.',
  extensions: { code: 'BAD_USER_INPUT' },
};

async function fetchRoots(
  ask: Ask,
  request: SubgraphRequest,
  shape: OperationShape,
  paths: ReadonlyMap<string, RegionPaths>,
): Promise<SubgraphAnswer> {
  const variables = withDefaults(shape, request.variables);
  const isMutation = rootTypeOf(shape) === 'Mutation';
  const { routed, refused } = routeFields(shape, variables, paths);
  const parts = partsByRegion(routed, isMutation);
  const askPart = (part: RegionPart): Promise<SubgraphAnswer> => {
    const whole = parts.length === 1 && refused.length === 0;
    return ask(part.region, {
      request: whole ? request : requestFor(shape, part.fields, request.variables ?? {}),
      isMutation,
      flawOf: answer => rootFlaw(answer, part.fields),
    })
      .then(answer => withRegion(answer, part.region))
      .catch(error => missingFields(part.fields, errorOf(error)));
  };
  const answers: SubgraphAnswer[] = [];
  if (isMutation) for (const part of parts) answers.push(await askPart(part));
  else answers.push(...(await Promise.all(parts.map(askPart))));
  return joinRoots([...answers, ...refused]);
}

function routeFields(shape: OperationShape, variables: Variables, paths: ReadonlyMap<string, RegionPaths>) {
  const routed: RoutedField[] = [];
  const refused: SubgraphAnswer[] = [];
  for (const field of rootFields(shape, variables)) {
    const found = paths.get(`${rootTypeOf(shape)}.${field.name.value}`);
    if (!found) throw new Error(`root field ${field.name.value} has no @region: npm run schema:check finds this`);
    try {
      routed.push({ field, region: regionOfField(field, found, variables) });
    } catch (error) {
      refused.push({
        data: { [responseName(field)]: null },
        errors: [{ ...errorOf(error), path: [responseName(field)] }],
      });
    }
  }
  return { routed, refused };
}

const withRegion = (answer: SubgraphAnswer, region: string): SubgraphAnswer => ({
  ...answer,
  errors: answer.errors?.map(error => ({ ...error, extensions: { ...error.extensions, region } })),
});

const missingFields = (fields: readonly FieldNode[], error: SubgraphError): SubgraphAnswer => ({
  data: Object.fromEntries(fields.map(field => [responseName(field), null])),
  errors: fields.map(field => ({ ...error, path: [responseName(field)] })),
});

function joinRoots(answers: readonly SubgraphAnswer[]): SubgraphAnswer {
  const errors = answers.flatMap(answer => answer.errors ?? []);
  const data = Object.assign({}, ...answers.map(answer => answer.data ?? {})) as Record<string, unknown>;
  return errors.length > 0 ? { data, errors } : { data };
}

/** Faults become data here; anything else is a bug and goes on up. */
function errorOf(error: unknown): SubgraphError {
  if (error instanceof RegionMissing) return error.error;
  if (error instanceof GraphQLError) return { message: error.message, extensions: error.extensions };
  throw error;
}
