// The subgraphs of the regions, as the engine sees them: which region answers for an object or a root field, and requests
// carried to it. A region that failed once is not asked again for the same client request.
import type { CompiledFetch } from '../../federation/compiled-fetch.ts';
import type { RootParts } from '../../federation/run-fetches.ts';
import { FetchFailure, type PlacedError, type SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Target } from '../../federation/targets.ts';
import { codedError } from '../../schema/errors.ts';
import { regionOf } from '../../schema/identity.ts';
import { type RegionPaths, regionPathsOf } from '../../schema/region-directive.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph, isEdgeSubgraph, readSubgraph } from '../../schema/sources.ts';
import type { Representation } from '../routing/entity-routing.ts';
import { type OperationShape, readShape, responseName, rootFields, withDefaults } from '../routing/operation-shape.ts';
import type { RegionDirectory } from '../routing/region-directory.ts';
import { type RegionFailure, regionError } from '../routing/region-errors.ts';
import { saysTheRegionIsAway } from '../routing/region-fetch.ts';
import { knownOf } from '../routing/region-stand-in.ts';
import type { ReleaseFetch } from '../routing/release-fetch.ts';
import { partsByRegion, type RoutedField, regionOfField, requestFor } from '../routing/root-routing.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';
import { type Transport, TransportFailure } from '../routing/transport.ts';
import { edgeDoors } from './edge-doors.ts';
import { timed } from './explained.ts';
import type { Fetcher, FetchRequest, Sharding } from './fetcher.ts';
import { regionAnswerChecks } from './region-answers.ts';

export interface RegionDeps {
  readonly directory: Pick<RegionDirectory, 'get'>;
  readonly transport: Pick<Transport, 'send' | 'ask'>;
  readonly release: ReleaseFetch;
  /** GraphQL address of the fleet subgraph. */
  readonly fleetUrl: string;
  readonly fleetDeadlineMs: number;
  readonly regionDeadlineMs: number;
  /** Hand consecutive steps to the edge doors. */
  readonly doors: boolean;
  readonly now: () => number;
}

export function regionFetcher(deps: RegionDeps): Fetcher<RequestScope> {
  return {
    fetch: request =>
      isEdgeSubgraph(request.fetch.fetch.subgraph) ? askRegion(deps, request) : askFleet(deps, request),
    explained: scope => scope.explain,
    unusable: ({ fetch, region }, flaw) => failureOf(fetch, region, new TransportFailure('unusable', flaw)),
  };
}

async function askFleet(deps: RegionDeps, { fetch, body, scope }: FetchRequest<RequestScope>): Promise<SubgraphAnswer> {
  try {
    const { subgraph, kind } = fetch.fetch;
    const request = { url: deps.fleetUrl, body, deadlineMs: deps.fleetDeadlineMs, share: kind === 'query' };
    return await timed(deps, scope, { asked: subgraph, region: null, body }, () =>
      deps.transport.send({ ...request, signal: scope.signal }),
    );
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    throw new FetchFailure(failureOf(fetch, null, error).error, knownOfRegions(deps, fetch, body));
  }
}

/** What stands in for the fleet service's answer about regions; null when it was not asked about any. */
function knownOfRegions({ directory }: RegionDeps, { fetch, selection }: CompiledFetch, body: string) {
  if (fetch.inputs.length === 0) return null;
  const { variables } = JSON.parse(body) as { readonly variables: Readonly<Record<string, Representation[]>> };
  return Object.fromEntries(
    fetch.inputs.map(({ alias, variable }) => {
      const fields = selection.fieldsBelow(alias, 'Region');
      return [alias, variables[variable]!.map(asked => knownOf(directory, asked, fields))];
    }),
  );
}

async function askRegion(
  deps: RegionDeps,
  { fetch, region, body, scope }: FetchRequest<RequestScope>,
): Promise<SubgraphAnswer> {
  if (region === null) throw NO_REGION;
  const door = deps.directory.get(region);
  const known = door ? scope.failures.get(region) : 'unknown';
  if (!door || known) throw failureOf(fetch, region, known ?? 'unknown', false);
  const { subgraph, kind } = fetch.fetch;
  if (!isEdgeSubgraph(subgraph)) throw new Error(`${subgraph} is no subgraph of a region`);
  try {
    return await timed(deps, scope, { asked: subgraph, region, body }, () =>
      deps.release.ask({ door, subgraph, body, isMutation: kind === 'mutation', signal: scope.signal }),
    );
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    if (saysTheRegionIsAway(error)) scope.failures.set(region, error);
    throw failureOf(fetch, region, error, error.wasSent);
  }
}

const NO_REGION = new FetchFailure({
  message: 'This id names no region: ids look like <region>/<local id>.',
  extensions: { code: 'BAD_USER_INPUT' },
});

function failureOf(
  { fetch }: CompiledFetch,
  region: string | null,
  failure: RegionFailure,
  wasSent = true,
): FetchFailure {
  if (isEdgeSubgraph(fetch.subgraph) && region !== null) {
    const isMutation = fetch.kind === 'mutation';
    return new FetchFailure(regionError(region, fetch.subgraph, failure, { isMutation, wasSent }));
  }
  const reason = failure === 'unknown' ? 'its address is not known' : failure.message;
  const { message, extensions } = codedError(
    'FLEET_UNREACHABLE',
    `The fleet service cannot be reached: ${reason}. Live fields of a region still answer by id.`,
  );
  return new FetchFailure({ message, extensions });
}

export function regionSharding(deps: RegionDeps): Sharding<RequestScope> {
  const { directory } = deps;
  const paths = new Map<EdgeSubgraph, ReadonlyMap<string, RegionPaths>>(
    EDGE_SUBGRAPHS.map(name => [name, regionPathsOf(readSubgraph(name))]),
  );
  const shapes = new WeakMap<CompiledFetch, OperationShape>();
  return {
    isSharded: isEdgeSubgraph,
    checkOf: regionAnswerChecks(),
    regionOf: target => regionOfTarget(directory, target),
    rootParts: (compiled, variables) => {
      let shape = shapes.get(compiled);
      if (!shape) {
        shape = readShape(compiled.fetch.operation);
        shapes.set(compiled, shape);
      }
      return rootPartsOf(compiled, shape, variables, paths.get(compiled.fetch.subgraph as EdgeSubgraph)!);
    },
    ...edgeDoors(deps),
  };
}

/** By the text before the slash while that is a known region; by the rule of ids for everything else. */
function regionOfTarget(directory: RegionDeps['directory'], { id }: Target): string | null {
  if (typeof id !== 'string') return null;
  const slash = id.indexOf('/');
  const region = slash < 0 ? id : id.slice(0, slash);
  return directory.get(region) ? region : regionOf(id);
}

function rootPartsOf(
  { fetch }: CompiledFetch,
  shape: OperationShape,
  given: Readonly<Record<string, unknown>>,
  paths: ReadonlyMap<string, RegionPaths>,
): RootParts {
  const variables = Object.fromEntries(fetch.variables.flatMap(name => (name in given ? [[name, given[name]]] : [])));
  const values = withDefaults(shape, variables);
  const root = fetch.kind === 'mutation' ? 'Mutation' : 'Query';
  const routed: RoutedField[] = [];
  const refused: PlacedError[] = [];
  for (const field of rootFields(shape, values)) {
    const found = paths.get(`${root}.${field.name.value}`);
    if (!found) throw new Error(`root field ${field.name.value} has no @region: npm run schema:check finds this`);
    try {
      routed.push({ field, region: regionOfField(field, found, values) });
    } catch (error) {
      const { message, extensions } = error as ReturnType<typeof codedError>;
      refused.push({ message, extensions, path: [responseName(field)] });
    }
  }
  const parts = partsByRegion(routed, fetch.kind === 'mutation');
  const isWhole = parts.length === 1 && refused.length === 0;
  return {
    refused,
    parts: parts.map(({ region, fields }) => {
      const request = isWhole ? { query: fetch.operation, variables } : requestFor(shape, fields, variables);
      const names = fields.map(responseName);
      return { region, names, operation: request.query, variables: request.variables ?? {} };
    }),
  };
}
