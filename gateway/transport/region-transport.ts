// Carries GraphQL requests to subgraphs and their answers back, with every way to fail named: a door for each address, a
// pool of connections for each origin. See docs/decisions/0020-own-http-client.md for why it speaks HTTP itself.
import { performance } from 'node:perf_hooks';
import { readAnswer } from '../routing/subgraph-text.ts';
import type { Asker, Transport } from '../routing/transport.ts';
import { type Door, type DoorRules, type DoorState, openDoor } from './door.ts';
import { type OriginPool, originPool } from './origin-pool.ts';

export interface TransportDeps {
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Connections to one origin at once; several regions may share one. */
  readonly connectionsPerOrigin: number;
  readonly rules: DoorRules;
}

export interface RegionTransport extends Transport {
  /** Whoever stands at addresses that begin so was heard again: no circuit keeps requests from it. */
  heard(beginning: string): void;
  /** What is known of each address that was asked lately. */
  doors(): DoorState[];
}

const SWEEP_MS = 5_000;
/** An address that nobody asked for this long is forgotten, with its counts and its circuit. */
const FORGET_MS = 15 * 60_000;

export function openTransport({ headers, connectionsPerOrigin, rules }: TransportDeps): RegionTransport {
  const pools = new Map<string, OriginPool>();
  const doors = new Map<string, Door>();
  let changes = 0;
  const common = headerLines({ 'content-type': 'application/json', accept: 'application/json', ...headers });

  const open = (address: string): Door => {
    const url = new URL(address);
    const pool = pools.get(url.origin) ?? originPool(url, connectionsPerOrigin, () => performance.now());
    pools.set(url.origin, pool);
    const head = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${common}content-length: `;
    const door = openDoor({ url: address, pool, head, rules, changes: () => changes });
    doors.set(address, door);
    return door;
  };
  const sweep = setInterval(() => {
    for (const [address, door] of doors) {
      if (performance.now() - door.usedAt() < FORGET_MS) continue;
      doors.delete(address);
      door.close();
    }
    for (const [origin, pool] of pools) {
      pool.sweep();
      if (pool.size() === 0 && ![...doors.keys()].some(address => new URL(address).origin === origin))
        pools.delete(origin);
    }
  }, SWEEP_MS).unref();

  const ask: Transport['ask'] = (request, asker) =>
    (doors.get(request.url) ?? open(request.url)).ask(request, request.share === true ? asker : changing(asker));
  /** However it ends, something may have been changed. */
  const changing = (asker: Asker): Asker => ({
    take: (status, body) => {
      changes++;
      asker.take(status, body);
    },
    failed: error => {
      changes++;
      asker.failed(error);
    },
  });
  return {
    send: request =>
      new Promise((resolve, reject) => {
        ask(request, { take: (status, body) => resolve(readAnswer(status, body)), failed: reject });
      }),
    ask,
    heard: beginning => {
      for (const [address, door] of doors) if (address.startsWith(beginning)) door.heard();
    },
    doors: () => [...doors.values()].map(door => door.state()),
    close: async () => {
      clearInterval(sweep);
      for (const door of doors.values()) door.close();
      for (const pool of pools.values()) pool.close();
    },
  };
}

/** Refuses what would end a header early. */
function headerLines(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const broken = lines.findIndex(line => !/^[\w-]+: [\t\x20-\x7e]*\r\n$/.test(line));
  if (broken >= 0)
    throw new Error(`The header ${Object.keys(headers)[broken]} cannot be sent: it holds a control character.`);
  return lines.join('');
}
