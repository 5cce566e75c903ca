// A supergraph that changes while the gateway runs: each one has an engine of its own. What begins takes the newest; what is
// under way keeps the engine that it began with, which is closed once nothing is left of it.
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../../runtime/log.ts';
import { promptReturn } from '../../runtime/prompt-return.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';
import type { DirectRequest, ExecutionEngine, SubscriptionEvent } from './engine.ts';

export interface EngineGenerations extends ExecutionEngine {
  /** Counts the supergraphs, from 0. */
  generation(): number;
  /** Throws when no engine can be made of it; the one that runs stays. */
  reload(supergraphSdl: string): Promise<void>;
  /** Engines that are not closed: the newest, the one before it, and those with something under way. */
  alive(): number;
}

interface Generation {
  readonly engine: ExecutionEngine;
  readonly executor: NonNullable<Executor>;
  readonly schema: SchemaContext;
  /** What is under way on it. */
  leases: number;
}

type Listener = Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0];
type SchemaContext = Parameters<Listener>[0];
type Executor = Awaited<ReturnType<GatewayInterface['load']>>['executor'];

export interface GenerationsDeps {
  open(supergraphSdl: string): Promise<ExecutionEngine> | ExecutionEngine;
  readonly log: Logger;
}

export async function engineGenerations(deps: GenerationsDeps, first: string): Promise<EngineGenerations> {
  const listeners = new Set<Listener>();
  const bySchema = new WeakMap<GraphQLSchema, Generation>();
  const alive = new Set<Generation>();
  let newest = await begin(deps, first);
  let count = 0;
  let before: Generation | undefined;
  alive.add(newest);
  bySchema.set(newest.engine.apiSchema, newest);

  const release = (generation: Generation): void => {
    generation.leases--;
    sweep();
  };
  /** The one before the newest stays: a request may have been validated for it and not have begun. */
  const sweep = (): void => {
    for (const generation of alive) {
      if (generation === newest || generation === before || generation.leases > 0) continue;
      alive.delete(generation);
      end(generation).catch(error => deps.log.error({ err: error }, 'an engine was not closed cleanly'));
    }
  };
  const execute: NonNullable<Executor> = async context => {
    const generation = bySchema.get(context.schema) ?? newest;
    generation.leases++;
    try {
      return await generation.executor(context);
    } finally {
      release(generation);
    }
  };

  return {
    get name() {
      return newest.engine.name;
    },
    get apiSchema() {
      return newest.engine.apiSchema;
    },
    gateway: {
      onSchemaLoadOrUpdate: listener => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      load: async () => {
        for (const listener of listeners) listener(newest.schema);
        return { executor: execute };
      },
      stop: async () => undefined,
    },
    subscribe: request => {
      const generation = newest;
      const events = generation.engine.subscribe(request);
      generation.leases++;
      let isOver = false;
      const over = (): void => {
        if (!isOver) release(generation);
        isOver = true;
      };
      return promptReturn(leased(events, over), async () => {
        await events.return(undefined);
        over(); // a stream that was never begun has no end of its own
      });
    },
    ...(newest.engine.execute
      ? {
          execute: async (request: DirectRequest, scope: RequestScope) => {
            const generation = newest;
            generation.leases++;
            try {
              return await generation.engine.execute!(request, scope);
            } finally {
              release(generation);
            }
          },
        }
      : {}),
    ...(newest.engine.stringifyResult
      ? { stringifyResult: result => (newest.engine.stringifyResult ?? JSON.stringify)(result) }
      : {}),
    ...(newest.engine.counts ? { counts: () => newest.engine.counts!() } : {}),
    close: async () => {
      await Promise.all([...alive].map(end));
    },
    reload: async supergraphSdl => {
      const next = await begin(deps, supergraphSdl);
      alive.add(next);
      bySchema.set(next.engine.apiSchema, next);
      [before, newest] = [newest, next];
      count++;
      for (const listener of listeners) listener(next.schema);
      sweep();
    },
    generation: () => count,
    alive: () => alive.size,
  };
}

async function begin({ open }: GenerationsDeps, supergraphSdl: string): Promise<Generation> {
  const engine = await open(supergraphSdl);
  let schema: SchemaContext | undefined;
  engine.gateway.onSchemaLoadOrUpdate(context => {
    schema = context;
  });
  const { executor } = await engine.gateway.load({ apollo: {} });
  if (!schema || !executor) throw new Error(`the engine ${engine.name} made no schema of the supergraph`);
  return { engine, executor, schema, leases: 0 };
}

async function end({ engine }: Generation): Promise<void> {
  await engine.gateway.stop?.();
  await engine.close?.();
}

async function* leased(
  events: AsyncGenerator<SubscriptionEvent>,
  release: () => void,
): AsyncGenerator<SubscriptionEvent> {
  try {
    yield* events;
  } finally {
    release();
  }
}
