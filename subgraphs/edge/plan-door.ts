// The edge door of a region: runs consecutive fetches of the centre's plan beside the subgraphs that answer them, so that
// the depth of a query costs no round trip to the centre. It runs what was planned and nothing else, and only reads.
import type { ApolloServer, BaseContext } from '@apollo/server';
import { z } from 'zod';
import type { CompiledFetch } from '../../federation/compiled-fetch.ts';
import { DoorRequest } from '../../federation/door-plan.ts';
import { inOrderOfNeed, type Run, runFetch } from '../../federation/run-fetches.ts';
import { FetchFailure, type SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Target } from '../../federation/targets.ts';
import { type Exchange, type Route, sendError, sendText } from '../../runtime/http-door.ts';
import { BodyTooLarge, readBody } from '../../runtime/request-body.ts';
import { parseId } from '../../schema/identity.ts';
import { type DoorPlans, doorPlans, ROOTS } from './door-plans.ts';

export interface PlanDoorDeps {
  readonly region: string;
  /** The region's subgraphs by name: each answers a query as its own door would. */
  readonly subgraphs: ReadonlyMap<string, AskSubgraph>;
}

export type AskSubgraph = (query: string, variables: Readonly<Record<string, unknown>>) => Promise<SubgraphAnswer>;

const BODY_LIMIT = 8 * 1024 * 1024; // bytes; 20,000 objects of 100 bytes and a plan are about 3 MB
const LONGEST_MS = 10_000; // no further fetch starts after this: the centre has long given up

export function planDoor(deps: PlanDoorDeps): Route {
  const plans = doorPlans(deps.subgraphs);
  return { path: `/${deps.region}/plan`, handle: exchange => answerPlan(deps, plans, exchange) };
}

async function answerPlan(deps: PlanDoorDeps, plans: DoorPlans, { req, res }: Exchange): Promise<void> {
  if (req.method !== 'POST') return sendError(res, 405, 'BAD_USER_INPUT', 'Send a plan by POST.');
  if (!req.headers['content-type']?.startsWith('application/json'))
    return sendError(res, 415, 'BAD_USER_INPUT', 'Send the plan as application/json.');
  try {
    const request = DoorRequest.parse(JSON.parse(await readBody(req, BODY_LIMIT)));
    const plan = plans(request);
    if (!plan) return sendError(res, 409, 'PLAN_UNKNOWN', 'This door does not know the plan: send it whole.');
    const answer = await runPlan(deps, plan.fetches, request);
    // what failed or has a flaw is told by the centre, which knows the whole answer
    const written = answer.errors || !plan.write ? '' : plan.write(request.roots);
    sendText(res, written || JSON.stringify({ ...answer, extensions: { shapes: true } }));
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
  { variables, roots }: DoorRequest,
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
