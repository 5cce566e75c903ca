// Which subscriptions may share one stream: those of the alarm feed whose operation and variables are the same but for the
// place where they start. Pure.
import { createHash } from 'node:crypto';
import { Kind, print } from 'graphql';
import type { SubscriptionRequest } from '../execution/engine.ts';
import { feedOperation } from './feed-operation.ts';

export interface FeedShare {
  readonly key: string;
  /** The cursor that the subscriber starts after. */
  readonly after: string | null;
}

/** Null for a subscription of another kind, which has no place to go on from. */
export function feedShare({ document, variables, operationName, resumeAfter }: SubscriptionRequest): FeedShare | null {
  const wanted = document.definitions.filter(
    definition =>
      definition.kind !== Kind.OPERATION_DEFINITION || !operationName || definition.name?.value === operationName,
  );
  const feed = feedOperation(print({ ...document, definitions: wanted }), variables);
  if (!feed) return null;
  const { query, variables: used = {} } = feed.requestAfter(null);
  const values = Object.keys(used)
    .sort()
    .map(name => [name, used[name]]);
  const key = createHash('sha256')
    .update(`${query}\n${JSON.stringify(values)}`)
    .digest('base64'); // short: each keeps its own
  return { key, after: resumeAfter ?? feed.after };
}
