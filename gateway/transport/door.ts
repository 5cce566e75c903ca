// Everything between the gateway and one subgraph of one region: how many requests at once, who waits, which share an
// answer, and the circuit that stops asking a door that is dead. Doors have nothing in common but connections.
import { performance } from 'node:perf_hooks';
import { type FailureKind, type ReadResponse, type Send, TransportFailure } from '../routing/transport.ts';
import { type Circuit, type CircuitEvent, type CircuitRules, CLOSED, nextCircuit } from './circuit.ts';
import { type DoorCounts, doorMeasures } from './door-measures.ts';
import { type Flight, newFlight } from './flight.ts';
import type { HttpCall } from './http-connection.ts';
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
  send<T>(request: Send, read: ReadResponse<T>): Promise<T>;
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

export function openDoor({ url, pool, head, rules, changes }: DoorDeps): Door {
  const measures = doorMeasures();
  const shared = new Map<string, Flight>();
  const waiting = new Set<Flight>();
  const underWay = new Set<Flight>();
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
    const call: HttpCall = {
      head,
      body: PROBE,
      maxBytes: PROBE_LIMIT,
      isSafe: true,
      done: () => {
        clearTimeout(deadline);
        tell({ kind: 'probe succeeded' });
      },
      failed: failure => {
        clearTimeout(deadline);
        failed('probe failed', failure.message);
      },
    };
    pool.send(call);
  };

  const refuse = (kind: FailureKind, reason: string): Promise<never> => {
    measures.failed(kind);
    return Promise.reject(new TransportFailure(kind, reason, false));
  };
  const begin = (flight: Flight): void => {
    underWay.add(flight);
    measures.sent(flight.call.body.length);
    pool.send(flight.call);
  };
  /** It is over, whatever became of it: the next one may begin. */
  const settle = (flight: Flight): void => {
    forget(flight);
    if (!underWay.delete(flight)) return;
    const [next] = waiting;
    if (!next) return;
    waiting.delete(next);
    begin(next);
  };
  const forget = (flight: Flight): void => {
    if (flight.key !== null && shared.get(flight.key) === flight) shared.delete(flight.key);
  };

  const newCall = (request: Send, flightOf: () => Flight): HttpCall => {
    const since = performance.now();
    return {
      head,
      body: request.body,
      maxBytes: request.maxBytes ?? ANSWER_LIMIT,
      isSafe: request.share === true,
      done: ({ status, body }) => {
        settle(flightOf());
        tell({ kind: 'succeeded' });
        measures.answered(performance.now() - since, body.length);
        if (!flightOf().answered(status, body)) measures.failed('unusable');
      },
      failed: failure => {
        settle(flightOf());
        measures.failed(failure.kind);
        if (failure.kind === 'unreachable') failed('failed', failure.message);
        flightOf().failed(failure);
      },
    };
  };
  /** The headers are the same for every request of a gateway: nothing of a client is passed on. */
  const keyOf = ({ body, maxBytes }: Send): string => `${changes()} ${maxBytes ?? ''} ${body}`;
  const isShared = (request: Send): boolean => rules.shares && request.share === true;
  const newRequest = (request: Send): Flight => {
    const call = newCall(request, () => flight);
    const key = isShared(request) ? keyOf(request) : null;
    const flight = newFlight(call, key, {
      late: () => {
        forget(flight);
        measures.failed('timeout');
        if (underWay.has(flight)) failed('failed', `no answer within ${request.deadlineMs} ms`);
      },
      left: () => {
        waiting.delete(flight);
        if (underWay.has(flight)) pool.giveUp(call);
        settle(flight);
      },
    });
    if (key !== null) shared.set(key, flight);
    return flight;
  };

  return {
    send: (request, read) => {
      if (request.signal?.aborted) return Promise.reject(request.signal.reason);
      usedAt = performance.now();
      probeDeadlineMs = request.deadlineMs;
      if (circuit.state !== 'closed')
        return refuse(
          'circuit-open',
          `not asked now, it failed too often (${lastFailure}); it is tried again by itself`,
        );
      const flying = isShared(request) ? shared.get(keyOf(request)) : undefined;
      if (flying) {
        measures.shared();
        return flying.join(request, read);
      }
      if (underWay.size >= rules.atOnce && waiting.size >= rules.queue)
        return refuse('overloaded', `${rules.queue} requests wait for it already`);
      const flight = newRequest(request);
      const answer = flight.join(request, read);
      if (underWay.size < rules.atOnce) begin(flight);
      else waiting.add(flight);
      return answer;
    },
    heard: () => tell({ kind: 'heard' }),
    state: () => ({
      url,
      circuit: circuit.state,
      underWay: underWay.size,
      waiting: waiting.size,
      counts: measures.counts(),
    }),
    usedAt: () => usedAt,
    close: () => {
      clearTimeout(probeTimer);
      const gone = new TransportFailure('unreachable', 'this gateway is going down');
      for (const flight of [...waiting, ...underWay]) flight.failed(gone);
      waiting.clear();
      underWay.clear();
      shared.clear();
    },
  };
}
