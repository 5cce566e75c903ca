// `npm run bench -- classic|fanout-10|fanout-50|fanout-200|fanout-1000|wan`: our gateway against the others of its language,
// each in a process of its own behind its own front. Answers are compared first. `--quick`: fewer and shorter rounds;
// `--only <word>`: only engines with this word in their name, and no ratios that need the others.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type EngineProcess, startEngine, startScript } from './engine-process.ts';
import { ENGINES, type EngineSettings, nameOf } from './engines.ts';
import { connectLean } from './lean-client.ts';
import { openClients } from './load.ts';
import { type Contestant, measureAll, type Rounds } from './measure.ts';
import { prepare } from './prepare.ts';
import { type Result, ratiosOf, resultsOf, tableOf } from './report.ts';
import { supergraphOf, TOPOLOGIES, type Topology } from './topology.ts';
import type { UpstreamAddresses } from './upstream.ts';

const ROUNDS: Rounds = { rounds: 5, roundMs: 2_000, warmUpMs: 3_000 };
const ASKED_FIRST = 4; // ours goes other ways the second and the third time: by what it has learned of doors and documents
const QUICK: Rounds = { rounds: 3, roundMs: 1_000, warmUpMs: 1_500 };

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } },
  });
  const name = positionals[0] ?? '';
  const topology = TOPOLOGIES[name];
  if (!topology) throw new Error(`There is no bench of gateways named ${name}: ${Object.keys(TOPOLOGIES).join(', ')}.`);
  prepare();
  const stops: (() => void)[] = [];
  try {
    const results = await run(name, topology, values, stops);
    report(name, topology, results);
  } finally {
    for (const stop of stops) stop();
  }
}

async function run(
  name: string,
  topology: Topology,
  { quick, only }: { readonly quick: boolean; readonly only: readonly string[] },
  stops: (() => void)[],
): Promise<Result[]> {
  const upstream = await startScript('bench/.build/bench/gateways/upstream.js', [name]);
  stops.push(() => upstream.child.kill('SIGKILL'));
  const addresses: UpstreamAddresses = JSON.parse(upstream.line);
  const control = connectLean(addresses.control);
  stops.push(() => control.close());
  const settings = settingsFor(topology, addresses, stops);
  const wanted = ENGINES.filter(({ serves, label, role }) => {
    const named = only.length === 0 || role === 'floor' || only.some(word => label.includes(word));
    return named && (serves?.(topology) ?? true);
  });
  const contestants: Contestant[] = [];
  let answer: string | null = null;
  for (const engine of wanted) {
    console.error(`starting ${nameOf(engine)}`);
    const process = await startEngine(engine, { ...settings, share: engine.share === true });
    stops.push(process.stop);
    const clients = openClients(process.url, topology.query, topology.clients);
    for (let nth = 0; nth < ASKED_FIRST; nth++) {
      const given = await clients.ask();
      answer ??= await firstAnswer(given, process, control);
      if (given !== answer) throw new Error(difference(nameOf(engine), given, answer ?? ''));
    }
    clients.expect(answer ?? '');
    contestants.push({ process, clients });
  }
  console.error(`${contestants.length} processes give the same ${Buffer.byteLength(answer ?? '')} bytes; measuring`);
  const fetches = async (): Promise<number> => Number(await control.post(''));
  const measured = await measureAll(contestants, quick ? QUICK : ROUNDS, fetches);
  return contestants.map(contestant => ({ engine: contestant.process.engine, measured: measured.get(contestant)! }));
}

/** The first gateway's answer is what all others have to give, and what the floor joins from its parts. */
async function firstAnswer(answer: string, process: EngineProcess, control: ReturnType<typeof connectLean>) {
  if (!answer.startsWith('{"data":{') || answer.includes('"errors"'))
    throw new Error(`${nameOf(process.engine)} answers no data: ${answer.slice(0, 500)}`);
  await control.post(answer);
  return answer;
}

function difference(name: string, given: string, wanted: string): string {
  const at = [...given].findIndex((character, i) => character !== wanted[i]);
  const near = (text: string): string => text.slice(Math.max(0, at - 60), at + 200);
  return `${name} answers otherwise from character ${at} on:\n  ${near(given)}\ninstead of\n  ${near(wanted)}`;
}

function settingsFor(topology: Topology, addresses: UpstreamAddresses, stops: (() => void)[]): EngineSettings {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-bench-'));
  stops.push(() => fs.rmSync(folder, { recursive: true, force: true }));
  const supergraphFile = path.join(folder, 'supergraph.graphql');
  fs.writeFileSync(supergraphFile, supergraphOf(topology, addresses.services));
  const edge = topology.edge.map(({ name }) => [name, `http://${name}.murmuration.invalid/graphql`] as const);
  const regions = Object.values(addresses.regions);
  const services = { ...addresses.services, ...Object.fromEntries(edge) };
  return {
    supergraphFile,
    services,
    ...(regions.length > 0 ? { regions: addresses.regions } : {}),
    slices: Array.from({ length: topology.floorRequests }, (_, i) =>
      regions.length > 0 ? `${regions[i]}/slice/${i}` : `${new URL(Object.values(services)[i % 4]!).origin}/slice/${i}`,
    ),
    share: false,
  };
}

function report(name: string, { oneWayMs }: Topology, results: readonly Result[]): void {
  const [apart, shared] = [resultsOf(results, false), resultsOf(results, true)];
  console.log(`${name}: no work under way is shared\n${tableOf(apart)}\n`);
  console.log(`${name}: those share that can\n${tableOf(shared)}\n`);
  const ours = apart.find(({ engine }) => engine.role === 'ours');
  const roundTrips =
    ours && oneWayMs > 0 ? { roundTrips: Number((ours.measured.p50Ms / (2 * oneWayMs)).toFixed(2)) } : {};
  console.log(JSON.stringify({ name, ...ratiosOf(apart), ...roundTrips, sharing: ratiosOf(shared) }));
}

await main();
