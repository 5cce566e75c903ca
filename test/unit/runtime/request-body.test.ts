import http from 'node:http';
import { text } from 'node:stream/consumers';
import { buildSchema } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApollo } from '../../../runtime/apollo.ts';
import { graphqlRoute } from '../../../runtime/graphql-route.ts';
import { type Door, openDoor } from '../../../runtime/http-door.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';

const LIMIT = 4 * 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const left = leftovers();
let door: Door;

beforeAll(async () => {
  const schema = buildSchema('type Query { echo(text: String): String }');
  schema.getQueryType()!.getFields()['echo']!.resolve = (_source, { text }) => text?.length?.toString();
  const apollo = await openApollo(quiet, { schema });
  const route = graphqlRoute('/graphql', apollo, async () => ({}));
  door = await openDoor({ host: '127.0.0.1', port: 0, routes: [route], log: quiet });
  left.add(() => door.close());
});

const queryOf = (bytes: number): string => {
  const empty = JSON.stringify({ query: 'query($t: String) { echo(text: $t) }', variables: { t: '' } });
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
};

const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
  fetch(`${door.origin}/graphql`, { method: 'POST', headers, body });

/** Without a length, as a program that does not know it beforehand. */
function postChunks(chunks: readonly string[]): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const req = http.request(`${door.origin}/graphql`, { method: 'POST', headers: JSON_TYPE }, async res =>
      resolve({ status: res.statusCode!, body: await text(res) }),
    );
    req.on('error', reject);
    for (const chunk of chunks) req.write(chunk);
    req.end();
  });
}

describe('a request body', () => {
  it('of the limit is read', async () => {
    const answer = await post(queryOf(LIMIT));
    expect(answer.status).toBe(200);
    expect(Number((await answer.json()).data.echo)).toBeGreaterThan(LIMIT - 200);
  });

  it('above the limit is refused with 413 in JSON', async () => {
    for (const bytes of [LIMIT + 1, 3 * LIMIT]) {
      const answer = await post(queryOf(bytes));
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
  });

  it('above the limit is refused with 413 also when its length was not told', async () => {
    const { status, body } = await postChunks(new Array(12).fill('x'.repeat(LIMIT / 4)));
    expect(status).toBe(413);
    expect(body).toContain(`larger than ${LIMIT} bytes`);
  });

  it('above the limit leaves the connection in order for the next request', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const statusOf = (body: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const req = http.request(`${door.origin}/graphql`, { method: 'POST', headers: JSON_TYPE, agent }, res => {
          res.resume().on('end', () => resolve(res.statusCode));
        });
        req.on('error', reject).end(body);
      });
    expect(await statusOf(queryOf(2 * LIMIT))).toBe(413);
    expect(await statusOf(queryOf(200))).toBe(200);
    agent.destroy();
  });

  it('that is no JSON is refused with 400', async () => {
    const answer = await post('{ "query": ');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ message: expect.stringMatching(/^The request cannot be read/) }],
    });
  });

  it('that holds a NUL character, which no table takes, is refused with 400', async () => {
    for (const text of ['{ echo(text: "a\\u0000") }', '{ echo(text: "a\\u{0}") }', '{ echo(text: "a\0") }']) {
      const answer = await post(JSON.stringify({ query: text }));
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('NUL');
    }
  });

  it('keeps characters whole that arrive in two pieces', async () => {
    const whole = Buffer.from(JSON.stringify({ query: '{ echo(text: "grün") }' }));
    const cut = whole.indexOf('ü') + 1;
    const answer = await new Promise<string>((resolve, reject) => {
      const req = http.request(`${door.origin}/graphql`, { method: 'POST', headers: JSON_TYPE }, res =>
        resolve(text(res)),
      );
      req.on('error', reject);
      req.write(whole.subarray(0, cut), () => setTimeout(() => req.end(whole.subarray(cut)), 20));
    });
    expect(JSON.parse(answer)).toEqual({ data: { echo: '4' } });
  });
});
