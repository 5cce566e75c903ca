// Everything between the gateway and one subgraph of one region: how many requests at once, who waits, which share an
// answer, and the circuit that stops asking a door that is dead. Doors have nothing in common but connections.
import { performance } from 'node:perf_hooks';
import { type Asker, type FailureKind, type Send, TransportFailure } from '../routing/transport.ts';
import { type Circuit, type CircuitEvent, type CircuitRules, CLOSED, nextCircuit } from './circuit.ts';
import { type DoorCounts, doorMeasures } from './door-measures.ts';
import { type Flight, type FlightOwner, join, landed, lost } from './flight.ts';
import type { CallOwner, HttpCall } from './http-connection.ts';
import type { OriginPool } from './origin-pool.ts';

export interface DoorRules {
  /** Requests under way at once. */
  readonly atOnce: number;
  /** Requests that may wait for one of them to end. */
  readonly queue: number;
  /** Whether identical queries under way share an answer. */
  readonly shares: boolean;
  readonly circuit: CircuitRules;
}

export interface DoorState {
  readonly url: string;
  readonly circuit: Circuit['state'];
  readonly underWay: number;
  readonly waiting: number;
  readonly counts: DoorCounts;
}

export interface Door {
  ask(request: Send, asker: Asker): void;
  /** Others say that it is back: it is asked again at once. */
  heard(): void;
  state(): DoorState;
  /** When it was last asked, in ms of the clock. */
  usedAt(): number;
  close(): void;
}

export interface DoorDeps {
  readonly url: string;
  readonly pool: Pick<OriginPool, 'send' | 'giveUp'>;
  /** Up to the value of content-length. */
  readonly head: string;
  readonly rules: DoorRules;
  /** Grows with each change that this gateway made: a query that begins after it may not share the answer to an older one. */
  changes(): number;
}

const ANSWER_LIMIT = 64 * 1024 * 1024; // bytes; 500 hosts with all their hardware are about 3 MB
const PROBE = '{"query":"{__typename}"}';
const PROBE_LIMIT = 64 * 1024; // bytes
const SUCCEEDED: CircuitEvent = { kind: 'succeeded' };

export function openDoor({ url, pool, head, rules, changes }: DoorDeps): Door {
  const measures = doorMeasures();
  const shared = new Map<string, Flight>();
  const waiting = new Set<Flight>();
  const underWay: Flight[] = []; // few: a set would be made anew again and again
  let circuit: Circuit = CLOSED;
  let lastFailure = '';
  let usedAt = performance.now();
  let probeTimer: NodeJS.Timeout | undefined;
  let probeDeadlineMs = 0;

  const tell = (event: CircuitEvent): void => {
    const before = circuit;
    circuit = nextCircuit(circuit, event, rules.circuit);
    if (circuit === before) return;
    clearTimeout(probeTimer);
    if (circuit.state === 'open') probeTimer = setTimeout(probe, circuit.probeAt - performance.now()).unref();
  };
  const failed = (kind: 'failed' | 'probe failed', reason: string): void => {
    lastFailure = reason;
    tell({ kind, now: performance.now(), chance: Math.random() });
  };
  const probe = (): void => {
    tell({ kind: 'probe due' });
    const deadline = setTimeout(() => {
      pool.giveUp(call);
      failed('probe failed', `no answer within ${probeDeadlineMs} ms`);
    }, probeDeadlineMs).unref();
    const owner: CallOwner<HttpCall> = {
      answered: () => {
        clearTimeout(deadline);
        tell({ kind: 'probe succeeded' });
      },
      failed: (_, failure) => {
        clearTimeout(deadline);
        failed('probe failed', failure.message);
      },
    };
    const call: HttpCall = {
      head,
      body: PROBE,
      maxBytes: PROBE_LIMIT,
      isSafe: true,
      owner,
      connection: undefined,
      isRepeated: false,
    };
    pool.send(call);
  };

  const refuse = (asker: Asker, kind: FailureKind, reason: string): void => {
    measures.failed(kind);
    asker.failed(new TransportFailure(kind, reason, false));
  };
  const begin = (flight: Flight): void => {
    underWay.push(flight);
    measures.sent(flight.body.length);
    pool.send(flight);
  };
  /** It is over, whatever became of it: the next one may begin. */
  const settle = (flight: Flight): void => {
    forget(flight);
    const at = underWay.indexOf(flight);
    if (at < 0) return;
    underWay[at] = underWay.at(-1)!;
    underWay.pop();
    if (waiting.size === 0) return;
    const [next] = waiting;
    waiting.delete(next!);
    begin(next!);
  };
  const forget = (flight: Flight): void => {
    if (flight.key !== null && shared.get(flight.key) === flight) shared.delete(flight.key);
  };

  const owner: FlightOwner = {
    answered: (flight, { status, body }) => {
      settle(flight);
      tell(SUCCEEDED);
      measures.answered(performance.now() - flight.since, body.length);
      if (!landed(flight, status, body)) measures.failed('unusable');
    },
    failed: (flight, failure) => {
      settle(flight);
      measures.failed(failure.kind);
      if (failure.kind === 'unreachable') failed('failed', failure.message);
      lost(flight, failure);
    },
    late: (flight, deadlineMs) => {
      forget(flight);
      measures.failed('timeout');
      if (underWay.includes(flight)) failed('failed', `no answer within ${deadlineMs} ms`);
    },
    left: flight => {
      waiting.delete(flight);
      if (underWay.includes(flight)) pool.giveUp(flight);
      settle(flight);
    },
  };
  /** The headers are the same for every request of a gateway: nothing of a client is passed on. */
  const keyOf = ({ body, maxBytes }: Send): string => `${changes()} ${maxBytes ?? ''} ${body}`;

  return {
    ask: (request, asker) => {
      const { body, share, signal, maxBytes = ANSWER_LIMIT } = request;
      if (signal?.aborted) return asker.failed(signal.reason);
      const now = performance.now();
      usedAt = now;
      probeDeadlineMs = request.deadlineMs;
      if (circuit.state !== 'closed')
        return refuse(
          asker,
          'circuit-open',
          `not asked now, it failed too often (${lastFailure}); it is tried again by itself`,
        );
      const isSafe = share === true;
      const key = rules.shares && isSafe ? keyOf(request) : null;
      const flying = key === null ? undefined : shared.get(key);
      if (flying) {
        measures.shared();
        return join(flying, asker, request, now);
      }
      if (underWay.length >= rules.atOnce && waiting.size >= rules.queue)
        return refuse(asker, 'overloaded', `${rules.queue} requests wait for it already`);
      const flight: Flight = {
        head,
        body,
        maxBytes,
        isSafe,
        owner,
        connection: undefined,
        isRepeated: false,
        key,
        since: now,
        waiters: [],
        isLate: false,
      };
      if (key !== null) shared.set(key, flight);
      join(flight, asker, request, now);
      if (underWay.length < rules.atOnce) begin(flight);
      else waiting.add(flight);
    },
    heard: () => tell({ kind: 'heard' }),
    state: () => ({
      url,
      circuit: circuit.state,
      underWay: underWay.length,
      waiting: waiting.size,
      counts: measures.counts(),
    }),
    usedAt: () => usedAt,
    close: () => {
      clearTimeout(probeTimer);
      const gone = new TransportFailure('unreachable', 'this gateway is going down');
      const all = [...waiting, ...underWay.splice(0)];
      waiting.clear();
      shared.clear();
      for (const flight of all) lost(flight, gone);
    },
  };
}
