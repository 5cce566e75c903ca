// The alarm feed from a region to many clients, against floors: the time from a raise to the event at a client against one
// insert, its NOTIFY and one WebSocket hop; deliveries per second of the gateway's CPU against a bare broadcast of the same
// text. `npm run bench -- feed [most subscribers]`; prints tables and, as the last line, one JSON object.
import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import pg from 'pg';
import { WebSocket } from 'ws';
import { freePort } from '../test/support/free-ports.ts';
import type { FromClients, ToClients } from './feed/clients.ts';
import type { FromFloor, ToFloor } from './feed/floor.ts';
import { CHANNEL, insertAndNotify, makeFloorTable } from './feed-store.ts';
import { type BenchPart, cpuMsOf, median, onBenchServer, quantile } from './support/bench-server.ts';

const REGION = 'bench-1';
const ROUNDS = 3; // medians of these; ours and the floor take turns, so that a noisy neighbour meets both
const RAISES = 400; // for the latency
const CASES = [
  { subscribers: 1, documents: 1, events: 1_000 },
  { subscribers: 100, documents: 1, events: 1_000 },
  { subscribers: 100, documents: 100, events: 100 },
  { subscribers: 1_000, documents: 1, events: 400 },
  { subscribers: 10_000, documents: 1, events: 40 },
] as const;
const SELECTION = 'kind cursor region { id } alarm { id alarmId severity entityInstanceId reasonText raisedAt }';
const HUGE = 1_000_000;

interface Child<To, From extends { readonly kind: string }> {
  readonly pid: number;
  tell(message: To): void;
  once(kind: From['kind']): Promise<From>;
}

function child<To extends object, From extends { readonly kind: string }>(
  file: string,
  children: ChildProcess[],
): Child<To, From> {
  const process = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: ['--import', 'tsx'] });
  children.push(process);
  return {
    pid: process.pid!,
    tell: message => void process.send(message),
    once: kind =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null): void => reject(new Error(`${file} ended with ${code}`));
        process.once('exit', ended);
        process.on('message', function heard(message: From) {
          if (message.kind !== kind) return;
          process.off('message', heard);
          process.off('exit', ended);
          resolve(message);
        });
      }),
  };
}

async function ask(url: string, query: string, variables: object): Promise<Record<string, never>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const keyOf = (i: number) => ({ alarmId: '200.011', entityInstanceId: `host=bench-${i}` });
const raised = (i: number) => ({ ...keyOf(i), severity: 'MINOR', reasonText: `Configuration of bench-${i} failed` });
const BULK = { raise: 'raiseAlarms', clear: 'clearAlarms' } as const;

/** So many changes of alarms, half of them raises, none of which stays open. */
async function storm(faults: string, events: number): Promise<void> {
  for (let left = events / 2; left > 0; left -= 500) {
    const numbers = Array.from({ length: Math.min(left, 500) }, (_, i) => i);
    for (const [kind, one] of [
      ['raise', raised],
      ['clear', keyOf],
    ] as const) {
      const field = BULK[kind];
      const input = { region: REGION, alarms: numbers.map(one) };
      const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
      await ask(faults, `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { message } } }`, {
        input,
      });
    }
  }
}

/** One feed of this process's own, for its cursors and for the latency. */
interface Probe {
  readonly cursor: () => string;
  readonly text: () => string;
  /** Resolves when a message holds the text. */
  seen(text: string): Promise<void>;
  close(): void;
}

async function aProbe(url: string, subscribe?: string): Promise<Probe> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), subscribe === undefined ? [] : ['graphql-transport-ws']);
  let last = '';
  let wanted: { readonly text: string; found(): void } | undefined;
  const next = () => new Promise<void>(resolve => socket.once('message', () => resolve()));
  socket.on('message', data => {
    last = String(data);
    if (wanted && last.includes(wanted.text)) wanted.found();
  });
  await new Promise(resolve => socket.once('open', resolve));
  if (subscribe !== undefined) {
    socket.send('{"type":"connection_init"}');
    await next();
    socket.send(subscribe);
    await next(); // ALIGNED: nothing is open
  }
  return {
    cursor: () => JSON.parse(last).payload.data.alarmFeed.cursor,
    text: () => last,
    seen: text =>
      new Promise(found => {
        wanted = { text, found };
      }),
    close: () => socket.terminate(),
  };
}

const subscribeText = (document: number, after: string | null): string => {
  const field = document === 0 ? 'alarmFeed' : `feed${document}: alarmFeed`;
  const query = `subscription ($after: Cursor) { ${field}(after: $after) { ${SELECTION} } }`;
  return JSON.stringify({ id: 'bench', type: 'subscribe', payload: { query, variables: { after } } });
};

interface Latencies {
  readonly ours: number[];
  readonly floor: number[];
}

async function latencies(gateway: string, faults: string, floorUrl: string, floor: pg.Client): Promise<Latencies> {
  const [feed, hop] = [await aProbe(gateway, subscribeText(0, null)), await aProbe(floorUrl)];
  const found: Latencies = { ours: [], floor: [] };
  for (let i = -50; i < RAISES; i++) {
    const alarm = { ...raised(HUGE + i), region: REGION };
    let at = performance.now();
    const arrived = hop.seen(`key-${i}.`);
    await insertAndNotify(floor, JSON.stringify(alarm), `key-${i}.`);
    await arrived;
    if (i >= 0) found.floor.push(performance.now() - at); // the first fifty warm up
    for (const kind of ['RAISED', 'CLEARED'] as const) {
      const told = feed.seen(`"kind":"${kind}"`);
      at = performance.now();
      await (kind === 'RAISED'
        ? ask(faults, 'mutation ($input: RaiseAlarmInput!) { raiseAlarm(input: $input) { userErrors { message } } }', {
            input: alarm,
          })
        : ask(faults, 'mutation ($input: ClearAlarmInput!) { clearAlarm(input: $input) { userErrors { message } } }', {
            input: { ...keyOf(HUGE + i), region: REGION },
          }));
      await told;
      if (i >= 0 && kind === 'RAISED') found.ours.push(performance.now() - at);
    }
  }
  feed.close();
  hop.close();
  return found;
}

async function allLive(gateway: string, count: number): Promise<void> {
  for (;;) {
    const text = await (await fetch(new URL('/metrics', gateway))).text();
    if (text.includes(`murmuration_subscribers{stream="live",part="gateway"} ${count}\n`)) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

const residentKiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

interface Fanned {
  readonly subscribers: number;
  readonly documents: number;
  /** Deliveries for each second of CPU. */
  readonly ours: number;
  readonly floor: number;
  /** KiB of the gateway's memory for each subscriber, before the first event. */
  readonly idleKiB: number;
}

async function fanOut(
  { subscribers, documents, events }: (typeof CASES)[number],
  { gateway, faults }: { readonly gateway: BenchPart; readonly faults: string },
  clients: readonly [ours: Child<ToClients, FromClients>, bare: Child<ToClients, FromClients>],
  floor: Child<ToFloor, FromFloor> & { readonly url: string },
): Promise<Fanned> {
  const probe = await aProbe(gateway.url, subscribeText(0, null));
  await storm(faults, 2);
  await probe.seen('"kind":"CLEARED"');
  const [after, text] = [probe.cursor(), probe.text()];
  const before = residentKiB(gateway.pid);
  const subscribe = Array.from({ length: documents }, (_, i) => subscribeText(i, after));
  const [ours, bare] = clients;
  ours.tell({ kind: 'open', url: gateway.url.replace(/^http/, 'ws'), count: subscribers, subscribe });
  bare.tell({ kind: 'open', url: floor.url, count: subscribers, subscribe: [] });
  await Promise.all([ours.once('opened'), bare.once('opened')]);
  await allLive(gateway.url, subscribers + 1);
  probe.close(); // it held the stream open, so that those who came could share it at once
  await allLive(gateway.url, subscribers);
  for (const one of clients) one.tell({ kind: 'reset' });
  const idleKiB = (residentKiB(gateway.pid) - before) / subscribers;
  const rates = { ours: [] as number[], floor: [] as number[] };
  const measured = async (pid: number, counting: typeof ours, begin: () => unknown): Promise<number> => {
    const cpu = cpuMsOf(pid)!;
    counting.tell({ kind: 'expect', count: subscribers * events });
    const reached = counting.once('reached');
    await begin();
    await reached;
    return (subscribers * events * 1_000) / Math.max(cpuMsOf(pid)! - cpu, 10);
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const mine = await measured(gateway.pid, ours, () => storm(faults, events));
    const theirs = await measured(floor.pid, bare, () => floor.tell({ kind: 'broadcast', text, times: events }));
    if (round === 0) continue; // warms up
    rates.ours.push(mine);
    rates.floor.push(theirs);
  }
  for (const one of clients) {
    one.tell({ kind: 'close' });
    await one.once('closed');
  }
  return { subscribers, documents, ours: median(rates.ours), floor: median(rates.floor), idleKiB };
}

async function main(most: number): Promise<void> {
  const children: ChildProcess[] = [];
  try {
    await onBenchServer(async server => {
      const [fleetPort, doorPort] = [await freePort(), await freePort()];
      const door = `http://127.0.0.1:${doorPort}/${REGION}`;
      const settings = {
        database: { url: server.url },
        fleet: { port: fleetPort, feedHeartbeatMs: 3_600_000 },
        doors: { [REGION]: door },
        gateway: {
          port: await freePort(),
          limits: { subscriptionsPerClient: HUGE, subscriptionsPerSecond: HUGE },
        },
      };
      await server.run('fleet', settings);
      await server.run('region', settings, [REGION]);
      const gateway = await server.run('gateway', settings);
      const add = 'mutation ($input: AddRegionInput!) { addRegion(input: $input) { userErrors { message } } }';
      await ask(gateway.url, add, { input: { id: REGION, endpoint: door } });
      const faults = `${door}/faults/graphql`;

      const floor = child<ToFloor, FromFloor>('./feed/floor.ts', children);
      const { url } = await floor.once('ready');
      const database = new pg.Client({ connectionString: server.url });
      await database.connect();
      await makeFloorTable(database);
      floor.tell({ kind: 'listen', url: server.url, channel: CHANNEL });
      await floor.once('listening');
      const found = await latencies(gateway.url, faults, url, database);
      await database.end();

      const clients = [
        child<ToClients, FromClients>('./feed/clients.ts', children),
        child<ToClients, FromClients>('./feed/clients.ts', children),
      ] as const;
      const fanned: Fanned[] = [];
      for (const one of CASES.filter(({ subscribers }) => subscribers <= most))
        fanned.push(await fanOut(one, { gateway, faults }, clients, { ...floor, url }));
      report(found, fanned);
      for (const process of children) process.disconnect(); // before the database that they listen to
    });
  } finally {
    for (const process of children) if (process.connected) process.disconnect();
  }
}

const plain = { head: [], border: [] };

function report({ ours, floor }: Latencies, fanned: readonly Fanned[]): void {
  const at = (values: readonly number[], q: number): number => Number(quantile(values, q).toFixed(2));
  const waits = new Table({ head: ['raise to event, ms', 'p50', 'p99'], style: plain });
  waits.push(['insert, NOTIFY, one hop (floor)', at(floor, 0.5), at(floor, 0.99)]);
  waits.push(['region, mirror, feed, gateway', at(ours, 0.5), at(ours, 0.99)]);
  waits.push(['of the floor', ...[0.5, 0.99].map(q => (at(ours, q) / at(floor, q)).toFixed(1))]);
  console.log(waits.toString());
  const rates = new Table({
    head: ['subscribers', 'documents', 'deliveries/CPU s', 'bare broadcast', 'floor / ours', 'KiB each, idle'],
    style: plain,
  });
  for (const one of fanned)
    rates.push([
      one.subscribers,
      one.documents,
      Math.round(one.ours),
      Math.round(one.floor),
      (one.floor / one.ours).toFixed(2),
      one.idleKiB.toFixed(1),
    ]);
  console.log(rates.toString());
  const latency = { p50: at(ours, 0.5), p99: at(ours, 0.99), floorP50: at(floor, 0.5), floorP99: at(floor, 0.99) };
  console.log(JSON.stringify({ name: 'feed', targetLatency: 5, targetFanOut: 3, latency, fanOut: fanned }));
}

await main(Number(process.argv[2] ?? 10_000));
