// What a subgraph offers to the process that runs it.
import type { GraphQLSchema } from 'graphql';
import type { Route } from '../../runtime/http-door.ts';
import type { Subgraph } from '../../schema/sources.ts';
import type { Outbox } from './outbox.ts';

export interface RunningSubgraph {
  readonly name: Subgraph;
  readonly schema: GraphQLSchema;
  /** A fresh context for one request: its loaders live and die with it. */
  context(): object;
  readonly outbox: Outbox;
  readonly snapshot: SnapshotQuery;
  /** Doors beside GraphQL. */
  readonly routes?: readonly Route[];
  close(): Promise<void>;
}

/** The rows that followers copy, as they are now. */
export interface SnapshotQuery {
  /** Answers each row as the last change of it carried it. */
  readonly statement: string;
  /** The field that is the row's local id. */
  readonly key: string;
}

/** NOTIFY channel of a subgraph's outbox; NOTIFY reaches one database, so the region need not be in it. */
export const outboxChannel = (name: Subgraph): string => `${name}_outbox`;
