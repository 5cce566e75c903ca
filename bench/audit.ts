// Runs the cases of a federation gateway audit server against the engine, one engine a suite, in this process:
// `npm run audit -- http://127.0.0.1:4200 [suite …] [--planner=hive|apollo]`. The server and its cases are no part of this
// repository; it must be running. Fails below a full score.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { parse, validate } from 'graphql';
import { z } from 'zod';
import { createEngine, type Engine, type EngineAnswer, type PlannerChoice } from '../gateway/engine/engine.ts';
import { urlFetcher } from '../gateway/engine/url-fetcher.ts';
import { answerText } from '../gateway/engine/written-data.ts';

const Cases = z.array(
  z.object({
    query: z.string(),
    expected: z.object({ data: z.unknown().optional(), errors: z.boolean().optional() }),
  }),
);
type Case = z.output<typeof Cases>[number];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { planner: { type: 'string', default: 'auto' }, verbose: { type: 'boolean', default: false } },
});
const [server = 'http://127.0.0.1:4200', ...wanted] = positionals;

const read = async (path: string): Promise<Response> => {
  const answer = await fetch(`${server}${path}`);
  if (!answer.ok) throw new Error(`${server}${path} answered ${answer.status}: is the audit server running?`);
  return answer;
};

let passed = 0;
let total = 0;
for (const suite of z.array(z.string()).parse(await (await read('/ids')).json())) {
  if (wanted.length > 0 && !wanted.includes(suite)) continue;
  const supergraphSdl = await (await read(`/${suite}/supergraph`)).text();
  const cases = Cases.parse(await (await read(`/${suite}/tests`)).json());
  const failed: number[] = [];
  const engine = await engineFor(supergraphSdl).catch(error => error as Error);
  for (const [i, one] of cases.entries()) {
    total++;
    const flaw = engine instanceof Error ? engine.message : await flawOf(engine, one).catch(error => String(error));
    if (flaw === null) passed++;
    else failed.push(i + 1);
    if (flaw !== null && values.verbose) console.log(`\n${suite} ${i + 1}\n${one.query}\n${flaw}`);
  }
  if (failed.length > 0)
    console.log(`${suite}: ${cases.length - failed.length} of ${cases.length} (failed: ${failed.join(', ')})`);
  if (!(engine instanceof Error)) await engine.close();
}
console.log(`${passed} of ${total}`);
process.exitCode = passed === total && total > 0 ? 0 : 1;

/** Subgraphs answer where the supergraph says. */
function engineFor(supergraphSdl: string): Promise<Engine<undefined>> {
  const urls = new Map(
    [...supergraphSdl.matchAll(/@join__graph\(name: "([^"]*)", url: "([^"]*)"\)/g)].map(([, name, url]) => [
      name!,
      url!,
    ]),
  );
  return createEngine({
    supergraphSdl,
    fetcher: urlFetcher(subgraph => urls.get(subgraph)),
    planner: values.planner as PlannerChoice,
  });
}

async function flawOf(engine: Engine<undefined>, { query, expected }: Case): Promise<string | null> {
  const document = parse(query);
  const invalid = validate(engine.apiSchema, document);
  const answer: EngineAnswer = invalid.length > 0 ? { errors: invalid } : await engine.execute({ document }, undefined);
  const told = JSON.parse(answerText(answer)) as { data?: unknown; errors?: unknown[] };
  const isRight =
    isDeepStrictEqual(told.data ?? null, expected.data ?? null) &&
    (told.errors !== undefined) === (expected.errors ?? false);
  return isRight ? null : `expected ${JSON.stringify(expected)}\ngot      ${JSON.stringify(told)}`;
}
