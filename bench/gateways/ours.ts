// A process: our engine behind our front, over any supergraph. Only for topologies without regions; those with them are
// asked through the gateway as it is run.
import fs from 'node:fs';
import { type Logger, pino } from 'pino';
import { FetchFailure } from '../../federation/subgraph-answer.ts';
import { createEngine } from '../../gateway/engine/engine.ts';
import { answerText } from '../../gateway/engine/written-data.ts';
import { directAnswers } from '../../gateway/execution/direct-answers.ts';
import { engineGateway } from '../../gateway/execution/murmuration-engine.ts';
import { newRequestScope, type RequestScope } from '../../gateway/routing/subgraph-router.ts';
import { letHeapGrow } from '../../gateway/transport/heap-growth.ts';
import { openTransport } from '../../gateway/transport/region-transport.ts';
import { openApollo } from '../../runtime/apollo.ts';
import { graphqlRoute } from '../../runtime/graphql-route.ts';
import { openDoor } from '../../runtime/http-door.ts';
import type { EngineSettings } from './engines.ts';

process.on('disconnect', () => process.exit()); // the bench is gone, however it went

letHeapGrow(); // as the gateway does

const DEADLINE_MS = 30_000; // a busy bench is no failing subgraph

const { supergraphFile, services, share } = JSON.parse(process.argv[2]!) as EngineSettings;
const supergraphSdl = fs.readFileSync(supergraphFile, 'utf8');
const log: Logger = pino({ level: 'silent' });
const transport = openTransport({
  headers: {},
  connectionsPerOrigin: 8,
  rules: {
    atOnce: 8,
    queue: 100_000,
    shares: share,
    circuit: { failures: 1_000, pauseMs: 1_000, longestPauseMs: 1_000 },
  },
});
const engine = await createEngine<RequestScope>({
  supergraphSdl,
  fetcher: {
    fetch: ({ fetch: { fetch }, body, scope: { signal } }) =>
      transport.send({
        url: services[fetch.subgraph]!,
        body,
        deadlineMs: DEADLINE_MS,
        signal,
        share: share && fetch.kind === 'query',
      }),
    unusable: ({ fetch: { fetch } }, flaw) => new FetchFailure({ message: `The subgraph ${fetch.subgraph} ${flaw}.` }),
  },
});
const direct = directAnswers(engine);
const apollo = await openApollo<RequestScope>(log, {
  gateway: engineGateway(engine, supergraphSdl),
  plugins: [direct.plugin],
  stringifyResult: result => `${answerText(result)}\n`,
});
const door = await openDoor({
  host: '127.0.0.1',
  port: 0,
  log,
  routes: [graphqlRoute('/graphql', apollo, async () => newRequestScope(), direct)],
});
console.log(`listening ${door.origin}/graphql`);
