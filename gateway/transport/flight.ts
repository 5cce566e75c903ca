// One request on its way, and all who wait for its answer: each with a deadline and a signal of its own. The request is
// given up when the last of them has gone.
import { type ReadResponse, type Send, TransportFailure } from '../routing/transport.ts';
import { type Departures, departuresOf } from './departures.ts';
import type { HttpCall } from './http-connection.ts';

interface Waiter {
  /** Throws what `join` throws. */
  readonly take: (status: number, body: Buffer) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
  readonly departures: Departures | undefined;
  readonly leave: () => void;
}

export interface Flight {
  readonly call: HttpCall;
  /** Under this text it can be shared; null when it may not. */
  readonly key: string | null;
  /** Waits with it. Throws TransportFailure, or the signal's reason. */
  join<T>(request: Pick<Send, 'deadlineMs' | 'signal'>, read: ReadResponse<T>): Promise<T>;
  /** Each reads it for itself: whoever executes a plan writes into what it read. Whether all could. */
  answered(status: number, body: Buffer): boolean;
  failed(error: unknown): void;
}

export interface FlightOwner {
  /** A deadline has passed: nobody should join any more. Called for the first one only, before `left`. */
  late(flight: Flight): void;
  /** Nobody waits any more. */
  left(flight: Flight): void;
}

export function newFlight(call: HttpCall, key: string | null, owner: FlightOwner): Flight {
  const waiters = new Set<Waiter>();
  let isLate = false;

  const take = (waiter: Waiter): void => {
    waiters.delete(waiter);
    clearTimeout(waiter.timer);
    waiter.departures?.delete(waiter.leave);
  };
  const takeAll = (): Waiter[] => {
    const all = [...waiters];
    for (const waiter of all) take(waiter);
    return all;
  };
  const leave = (waiter: Waiter, reason: unknown): void => {
    if (!waiters.has(waiter)) return;
    take(waiter);
    waiter.reject(reason);
    if (waiters.size === 0) owner.left(flight);
  };

  const flight: Flight = {
    call,
    key,
    join: ({ deadlineMs, signal }, read) =>
      new Promise((resolve, reject) => {
        const expire = (): void => {
          if (!waiters.has(waiter)) return;
          const wasSent = call.connection !== undefined || call.isRepeated === true;
          if (!isLate) owner.late(flight);
          isLate = true;
          leave(waiter, new TransportFailure('timeout', `no answer within ${deadlineMs} ms`, wasSent));
        };
        const waiter: Waiter = {
          take: (status, body) => resolve(read(status, body)),
          reject,
          departures: signal && departuresOf(signal),
          // an answer that has come while this process was busy with something else is read before it is called late
          timer: setTimeout(() => setImmediate(expire), deadlineMs),
          leave: () => leave(waiter, signal?.reason),
        };
        waiters.add(waiter);
        waiter.departures?.add(waiter.leave);
      }),
    answered: (status, body) => {
      let isAnswer = true;
      for (const waiter of takeAll()) {
        try {
          waiter.take(status, body);
        } catch (error) {
          isAnswer = false;
          waiter.reject(error);
        }
      }
      return isAnswer;
    },
    failed: error => {
      for (const waiter of takeAll()) waiter.reject(error);
    },
  };
  return flight;
}
