// When a request may go past @apollo/server: what the way over HTTP does not show (test/integration/gateway).
import type { GraphQLRequestListener } from '@apollo/server';
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type DirectEngine, directAnswers } from '../../../gateway/execution/direct-answers.ts';
import { newRequestScope, type RequestScope } from '../../../gateway/routing/subgraph-router.ts';

const SCHEMA = buildSchema('type Query { a: Int }');
const QUERY = '{ a }';

async function learned(engine: DirectEngine) {
  const direct = directAnswers(engine);
  const listener = (await direct.plugin.requestDidStart!({} as never)) as GraphQLRequestListener<RequestScope>;
  const response = { body: { kind: 'single', singleResult: { data: {} } } };
  await listener.willSendResponse!({ document: parse(QUERY), source: QUERY, schema: SCHEMA, response } as never);
  direct.answered('*/*', 'application/json');
  const ask = (body: unknown, accept = '*/*') => direct.answer({ body, accept }, async () => newRequestScope());
  return { direct, ask };
}

describe('a document that was let through', () => {
  it('is valid for its schema only: after a change of the supergraph it is looked at anew', async () => {
    const engine = { apiSchema: SCHEMA, execute: async () => ({ data: null }) };
    const { ask } = await learned(engine);
    expect(await ask({ query: QUERY })).toEqual({ contentType: 'application/json', body: '{"data":null}\n' });
    engine.apiSchema = buildSchema('type Query { b: Int }');
    expect(await ask({ query: QUERY })).toBeNull();
  });

  it('goes on to @apollo/server when the engine refuses its variables, and only then', async () => {
    const { ask, direct } = await learned({ apiSchema: SCHEMA, execute: async () => null });
    expect(await ask({ query: QUERY })).toBeNull();
    expect(direct.count()).toBe(0);
  });

  it('goes there when anything about the request is new', async () => {
    const { ask } = await learned({ apiSchema: SCHEMA, execute: async () => ({ data: null }) });
    for (const body of [
      [{ query: QUERY }],
      { query: '{ a  }' },
      { query: QUERY, extensions: {} },
      null,
      'x',
      { query: 1 },
    ])
      expect(await ask(body)).toBeNull();
    expect(await ask({ query: QUERY }, 'text/html')).toBeNull();
    expect(await ask({ query: QUERY, operationName: 'None' })).toBeNull();
  });

  it('is nothing for an engine that answers through @apollo/server only', async () => {
    const { ask } = await learned({ apiSchema: SCHEMA });
    expect(await ask({ query: QUERY })).toBeNull();
  });
});
