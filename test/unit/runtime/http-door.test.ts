import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Door, openDoor, type Route, sendJson } from '../../../runtime/http-door.ts';
import { openLines } from '../../../runtime/line-stream.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';

const TOKEN = 'a-token-of-thirty-two-characters';
const PROMPT_MS = 2_000; // well below the time after which a door cuts its connections
const left = leftovers();

const says =
  (body: unknown): Route['handle'] =>
  exchange =>
    sendJson(exchange.res, 200, body);

async function aDoor(routes: readonly Route[], token?: string): Promise<Door> {
  const door = await openDoor({ host: '127.0.0.1', port: 0, token, routes, log: quiet });
  left.add(() => door.close());
  return door;
}

const get = (door: Door, path: string, headers: Record<string, string> = {}) =>
  fetch(`${door.origin}${path}`, { headers });

describe('a door with a token', () => {
  const routes: Route[] = [
    { path: '/closed', handle: says('secret') },
    { path: '/open', open: true, handle: says('public') },
    { path: '/sometimes', open: ({ url }) => url.searchParams.has('page'), handle: says('page') },
  ];

  it('refuses a closed route without it, with a wrong one, and in another scheme', async () => {
    const door = await aDoor(routes, TOKEN);
    for (const authorization of [undefined, 'Bearer wrong', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN]) {
      const answer = await get(door, '/closed', authorization ? { authorization } : {});
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
  });

  it('answers a closed route with it', async () => {
    const answer = await get(await aDoor(routes, TOKEN), '/closed', { authorization: `Bearer ${TOKEN}` });
    expect([answer.status, await answer.json()]).toEqual([200, 'secret']);
  });

  it('answers open routes without it', async () => {
    const door = await aDoor(routes, TOKEN);
    expect((await get(door, '/open')).status).toBe(200);
    expect((await get(door, '/sometimes?page')).status).toBe(200);
    expect((await get(door, '/sometimes')).status).toBe(401);
  });
});

describe('a door', () => {
  it('answers 404 in JSON where there is nothing', async () => {
    const answer = await get(await aDoor([]), '/nowhere?x=1');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      errors: [{ message: 'Nothing answers at /nowhere.', extensions: { code: 'NOT_FOUND' } }],
    });
  });

  it('takes a path that is no URL for one where there is nothing', async () => {
    const door = await aDoor([]);
    const { port } = new URL(door.origin);
    const status = await new Promise(resolve =>
      http.get({ host: '127.0.0.1', port, path: '//' }, res => {
        res.resume();
        resolve(res.statusCode);
      }),
    );
    expect(status).toBe(404);
  });

  it('answers 500 without the reason when a route fails', async () => {
    const failing: Route = { path: '/', handle: () => Promise.reject(new Error('password is hunter2')) };
    const answer = await get(await aDoor([failing]), '/');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('hunter2');
  });

  it('says of a port that is taken what to do', async () => {
    const other = net.createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    left.add(() => other.close());
    const { port } = other.address() as net.AddressInfo;
    const opening = openDoor({ host: '127.0.0.1', port, routes: [], log: quiet });
    await expect(opening).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another program: stop it or choose`);
  });
});

describe('a door that closes', () => {
  it('ends long streams, at once', async () => {
    const lines: Route = { path: '/lines', handle: exchange => void openLines(exchange).write({ first: 1 }) };
    const door = await aDoor([lines]);
    const stream = await get(door, '/lines');
    const rest = text(stream.body!);
    const since = Date.now();
    await door.close();
    expect(await rest).toBe('{"first":1}\n');
    expect(Date.now() - since).toBeLessThan(PROMPT_MS);
  });

  it('lets a request under way finish, and takes no further one', async () => {
    let finish = (): void => undefined;
    let entered = (): void => undefined;
    const begun = new Promise<void>(resolve => (entered = resolve));
    const slow: Route = {
      path: '/slow',
      handle: async ({ res }) => {
        entered();
        await new Promise<void>(resolve => (finish = resolve));
        sendJson(res, 200, 'done');
      },
    };
    const door = await aDoor([slow]);
    const answer = get(door, '/slow');
    await begun;
    const since = Date.now();
    const closed = door.close();
    await expect(get(door, '/slow')).rejects.toThrow();
    finish();
    expect(await (await answer).json()).toBe('done');
    await closed;
    expect(Date.now() - since).toBeLessThan(PROMPT_MS);
  });
});
