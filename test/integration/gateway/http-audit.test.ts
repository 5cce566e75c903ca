// GraphQL over HTTP, as its working group audits servers.
import { serverAudits } from 'graphql-http';
import { beforeAll, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aGateway, type GatewayStack } from './gateway-stack.ts';

const left = leftovers();
let stack: GatewayStack;
beforeAll(async () => {
  stack = await aGateway(['r1'], left);
});

it('passes all audits of graphql-http, also those that are only recommended', async () => {
  const audits = serverAudits({ url: stack.url, fetchFn: fetch });
  const results: string[] = [];
  for (const audit of audits) {
    const result = await audit.fn();
    results.push(result.status === 'ok' ? 'ok' : `${result.id} ${result.status}: ${result.name}; ${result.reason}`);
    if ('response' in result) await result.response.body?.cancel().catch(() => undefined);
  }
  expect(results.filter(result => result !== 'ok')).toEqual([]);
  expect(results).toHaveLength(61);
});
