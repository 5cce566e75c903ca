// A consumer that takes nothing holds its source back: nothing piles up in between, and nothing is lost.
import { setImmediate } from 'node:timers/promises';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { openUpstream, type Upstream } from '../../../gateway/subscriptions/upstream.ts';
import { serveWebSocket } from '../../../runtime/graphql-ws.ts';
import { openDoor } from '../../../runtime/http-door.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';

const PAD = 'x'.repeat(10_000);
const left = leftovers();
let upstream: Upstream;
let made = 0;
let stopped = false;

/** As many events as are taken, as fast as they are. */
async function* endless() {
  try {
    for (;;) {
      await setImmediate(); // as a source that waits for a database does: others get their turn
      yield { event: { n: made++, pad: PAD } };
    }
  } finally {
    stopped = true;
  }
}

beforeAll(async () => {
  const schema: GraphQLSchema = buildSchema(
    'type Query { a: Int } type Event { n: Int! pad: String! } type Subscription { event: Event! }',
  );
  schema.getSubscriptionType()!.getFields()['event']!.subscribe = endless;
  const door = await openDoor({ host: '127.0.0.1', port: 0, routes: [], log: quiet });
  left.add(() => door.close());
  const sockets = serveWebSocket({ server: door.server, path: '/graphql', log: quiet, schema, context: () => ({}) });
  left.add(() => sockets.close());
  upstream = openUpstream({ fleetUrl: `${door.origin}/graphql`, headers: {} });
  left.add(() => upstream.close());
});

/** Resolves once the source has not made anything for ten looks. */
async function standstill(): Promise<number> {
  let last = -1;
  let looks = 0;
  await eventually('the source stands still', () => {
    looks = made === last ? looks + 1 : 0;
    last = made;
    return looks === 10;
  });
  return last;
}

describe('a consumer that is slow', () => {
  it('holds its source back, gets everything in order when it goes on, and ends it when it leaves', async () => {
    const stream = upstream.subscribe({ query: 'subscription { event { n pad } }' });
    expect((await stream.next()).value).toMatchObject({ data: { event: { n: 0 } } });
    const held = await standstill();
    expect(held).toBeLessThan(5_000); // socket buffers and a window; an endless source would be far beyond
    for (let n = 1; n < held + 500; n++) expect((await stream.next()).value).toMatchObject({ data: { event: { n } } });
    expect(made).toBeGreaterThan(held);
    await stream.return(undefined);
    await eventually('the source ended', () => stopped);
  });
});
