// The edge door of a region: runs consecutive fetches of the centre's plan beside the subgraphs that answer them, so that
// the depth of a query costs no round trip to the centre. It runs what was planned and nothing else, and only reads.
import type { ApolloServer, BaseContext } from '@apollo/server';
import { z } from 'zod';
import { readShape } from '../../federation/answer-shape.ts';
import { type CompiledFetch, compileFetch } from '../../federation/compiled-fetch.ts';
import { DoorRequest, readDoorPlan } from '../../federation/door-plan.ts';
import type { Fetch, Path } from '../../federation/fetch-plan.ts';
import { inOrderOfNeed, type Run, runFetch } from '../../federation/run-fetches.ts';
import { shapedAnswerWriter } from '../../federation/shape-writer.ts';
import { FetchFailure, type SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Target } from '../../federation/targets.ts';
import { type Exchange, type Route, sendError, sendText } from '../../runtime/http-door.ts';
import { lru } from '../../runtime/lru.ts';
import { BodyTooLarge, readBody } from '../../runtime/request-body.ts';
import { parseId } from '../../schema/identity.ts';

export interface PlanDoorDeps {
  readonly region: string;
  /** The region's subgraphs by name: each answers a query as its own door would. */
  readonly subgraphs: ReadonlyMap<string, AskSubgraph>;
}

export type AskSubgraph = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<SubgraphAnswer>;

const BODY_LIMIT = 8 * 1024 * 1024; // bytes; 20,000 objects of 100 bytes and a plan are about 3 MB
const PLANS = 500; // plans that are kept compiled; one for each operation that crosses several subgraphs
const LONGEST_MS = 10_000; // no further fetch starts after this: the centre has long given up

export function planDoor(deps: PlanDoorDeps): Route {
  const plans = lru<string, readonly CompiledFetch[]>(PLANS);
  const compile = (text: string): readonly CompiledFetch[] => {
    const fetches = readDoorPlan(text).fetches.map((fetch, i) => compileFetch(belowRoots(fetch), i));
    for (const { fetch, selection } of fetches) {
      if (!deps.subgraphs.has(fetch.subgraph))
        throw new SyntaxError(`no subgraph ${JSON.stringify(fetch.subgraph)} runs here`);
      if (selection.operation.operation !== 'query') throw new SyntaxError('only queries are run here');
    }
    return fetches;
  };
  const compiled = (text: string): readonly CompiledFetch[] => plans.getOrMake(text, () => compile(text));
  const shapes = lru<string, Shape>(PLANS);
  const inShape = (text: string): Shape => shapes.getOrMake(text, () => shapedAnswerWriter(readShape(text)));
  return { path: `/${deps.region}/plan`, handle: exchange => answerPlan(deps, { compiled, inShape }, exchange) };
}

type Shape = ReturnType<typeof shapedAnswerWriter>;

/** What was sent as text, ready to be run. Both throw ZodError or SyntaxError. */
interface Compiled {
  compiled(plan: string): readonly CompiledFetch[];
  inShape(shape: string): Shape;
}

/** The objects stand in a list of the data, so that errors find their places. */
const ROOTS: Path = [{ field: 'roots' }, { list: true }];

const belowRoots = (fetch: Fetch): Fetch => ({
  ...fetch,
  path: [...ROOTS, ...fetch.path],
  inputs: fetch.inputs.map(input => ({ ...input, paths: input.paths.map(path => [...ROOTS, ...path]) })),
});

async function answerPlan(deps: PlanDoorDeps, { compiled, inShape }: Compiled, { req, res }: Exchange): Promise<void> {
  if (req.method !== 'POST') return sendError(res, 405, 'BAD_USER_INPUT', 'Send a plan by POST.');
  if (!req.headers['content-type']?.startsWith('application/json'))
    return sendError(res, 415, 'BAD_USER_INPUT', 'Send the plan as application/json.');
  try {
    const request = DoorRequest.parse(JSON.parse(await readBody(req, BODY_LIMIT)));
    const answer = await runPlan(deps, compiled(request.plan), request);
    // what failed or has a flaw is told by the centre, which knows the whole answer
    const text = answer.errors || request.shape === undefined ? '' : inShape(request.shape)(request.roots);
    sendText(res, text || JSON.stringify({ ...answer, extensions: { shapes: true } }));
  } catch (error) {
    if (error instanceof BodyTooLarge) return sendError(res, 413, 'BAD_USER_INPUT', error.message);
    if (error instanceof ForeignObject) return sendError(res, 422, 'BAD_USER_INPUT', error.message);
    const flaw = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : '';
    const isInput = error instanceof z.ZodError || error instanceof SyntaxError || isGraphQLFault(error);
    if (!isInput) throw error;
    sendError(res, 400, 'BAD_USER_INPUT', `The plan cannot be read: ${flaw}`);
  }
}

const isGraphQLFault = (error: unknown): boolean => error instanceof Error && error.name === 'GraphQLError';

/** An object of another region: the centre must send it there itself. */
class ForeignObject extends Error {}

async function runPlan(
  deps: PlanDoorDeps,
  fetches: readonly CompiledFetch[],
  { variables, roots }: z.output<typeof DoorRequest>,
): Promise<SubgraphAnswer> {
  const late = Date.now() + LONGEST_MS;
  const run: Run = {
    root: { roots },
    variables,
    errors: [],
    ask: async (fetch, _region, body) => {
      if (Date.now() > late) throw new FetchFailure({ message: `The plan took longer than ${LONGEST_MS} ms.` });
      return askSubgraph(deps, fetch, body);
    },
    regionOf: () => target => ownRegion(deps.region, target),
    rootParts: () => undefined,
    unusable: (_fetch, _region, flaw) => new FetchFailure({ message: `A subgraph ${flaw}.` }),
  };
  await inOrderOfNeed(
    fetches.map(compiled => ({ compiled, after: compiled.fetch.after })),
    ({ compiled }) => runFetch(run, compiled, { roots: roots as Target[], from: ROOTS.length }),
  );
  const errors = run.errors.flat();
  return errors.length > 0 ? { data: { roots }, errors } : { data: { roots } };
}

function ownRegion(region: string, { id }: Target): string {
  const named = typeof id === 'string' ? (parseId(id)?.region ?? id) : null;
  if (named !== region) throw new ForeignObject(`${JSON.stringify(id)} is not of region ${region}.`);
  return region;
}

async function askSubgraph(
  { subgraphs }: PlanDoorDeps,
  { fetch }: CompiledFetch,
  body: string,
): Promise<SubgraphAnswer> {
  const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
  return subgraphs.get(fetch.subgraph)!(query, variables);
}

/** A subgraph that runs in this process, behind its own server. */
export function asker<C extends BaseContext>(server: ApolloServer<C>, context: () => C): AskSubgraph {
  return async (query, variables) => {
    const answer = await server.executeOperation({ query, variables }, { contextValue: context() });
    if (answer.body.kind !== 'single') throw new FetchFailure({ message: 'A subgraph answered in parts.' });
    return answer.body.singleResult as SubgraphAnswer;
  };
}
