// What the client of a web socket hears of a bug: that there was one, nothing of what it was.
import { makeExecutableSchema } from '@graphql-tools/schema';
import { beforeAll, expect, test } from 'vitest';
import { serveWebSocket } from '../../../runtime/graphql-ws.ts';
import { openDoor } from '../../../runtime/http-door.ts';
import { badInput } from '../../../schema/errors.ts';
import { aSocket, type SocketClient } from '../../integration/gateway/socket-client.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';

const left = leftovers();
let client: SocketClient;

const broken = (): never => {
  throw new Error('connect ECONNREFUSED 10.1.2.3:5432');
};
const wrong = (): never => {
  throw badInput('7 is no place');
};
const schema = makeExecutableSchema({
  typeDefs: `
    type Query { broken: Int wrong: Int }
    type Subscription { never: Int wrong: Int events: Event }
    type Event { broken: Int }`,
  resolvers: {
    Query: { broken, wrong },
    Subscription: {
      never: { subscribe: broken },
      wrong: { subscribe: wrong },
      events: {
        subscribe: async function* () {
          yield { events: {} };
        },
      },
    },
    Event: { broken },
  },
});

beforeAll(async () => {
  const door = await openDoor({ host: '127.0.0.1', port: 0, routes: [], log: quiet });
  left.add(() => door.close());
  const sockets = serveWebSocket({
    server: door.server,
    path: '/graphql',
    log: quiet,
    schema,
    context: () => ({}),
  });
  left.add(() => sockets.close());
  client = aSocket(`${door.origin}/graphql`);
  left.add(() => client.close());
});

const MASKED = {
  message: 'Internal error; the log has the details.',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

test.each(['{ broken }', 'subscription { events { broken } }', 'subscription { never }'])(
  'is masked: %s',
  async query => {
    const { results, ended } = client.run(query);
    expect(await ended).toBe('complete');
    expect(results[0]!.errors).toMatchObject([MASKED]);
    expect(results[0]!.errors![0]!.path!.at(-1)).toBe(query.includes('never') ? 'never' : 'broken');
  },
);

test.each(['{ wrong }', 'subscription { wrong }'])(
  'is not what a coded fault is, which is told whole: %s',
  async query => {
    const { results, ended } = client.run(query);
    expect(await ended).toBe('complete');
    expect(results[0]!.errors).toMatchObject([{ message: '7 is no place', extensions: { code: 'BAD_USER_INPUT' } }]);
  },
);
