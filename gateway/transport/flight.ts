// One request on its way, and all who wait for its answer: each with a deadline and a signal of its own. The request is
// given up when the last of them has gone.
import { type Asker, type Send, TransportFailure } from '../routing/transport.ts';
import type { CallOwner, HttpCall } from './http-connection.ts';
import { type Patience, patiences, type Waits } from './patience.ts';

export interface Flight extends HttpCall {
  readonly owner: FlightOwner;
  /** Under this text it can be shared; null when it may not. */
  readonly key: string | null;
  /** When it was asked for, in ms of the clock. */
  readonly since: number;
  readonly waiters: Waiter[];
  /** A deadline has passed. */
  isLate: boolean;
}

export interface FlightOwner extends CallOwner<Flight> {
  /** A deadline has passed: nobody should join any more. Called for the first one only, before `left`. */
  late(flight: Flight, deadlineMs: number): void;
  /** Nobody waits any more. */
  left(flight: Flight): void;
}

interface Waiter extends Waits {
  readonly flight: Flight;
  readonly asker: Asker;
  readonly deadlineMs: number;
  readonly patience: Patience<Waiter>;
}

/** Waits with it, from `now` on. */
export function join(flight: Flight, asker: Asker, terms: Pick<Send, 'deadlineMs' | 'signal'>, now: number): void {
  const { deadlineMs } = terms;
  const patience = patienceFor(terms);
  const waiter: Waiter = { flight, asker, deadlineMs, patience, until: now + deadlineMs, place: -1 };
  flight.waiters.push(waiter);
  patience.add(waiter);
}

/** Each reads it for itself: whoever executes a plan writes into what it read. Whether all could. */
export function landed({ waiters }: Flight, status: number, body: Buffer): boolean {
  let isAnswer = true;
  for (const { asker } of released(waiters)) {
    try {
      asker.take(status, body);
    } catch (error) {
      isAnswer = false;
      asker.failed(error);
    }
  }
  return isAnswer;
}

export function lost({ waiters }: Flight, error: unknown): void {
  for (const { asker } of released(waiters)) asker.failed(error);
}

function released(waiters: Waiter[]): Waiter[] {
  const all = waiters.splice(0);
  for (const waiter of all) waiter.patience.delete(waiter);
  return all;
}

const patienceFor = patiences<Waiter>({
  late: waiter => {
    const { flight, deadlineMs } = waiter;
    const wasSent = flight.connection !== undefined || flight.isRepeated;
    if (!flight.isLate) flight.owner.late(flight, deadlineMs);
    flight.isLate = true;
    leave(waiter, new TransportFailure('timeout', `no answer within ${deadlineMs} ms`, wasSent));
  },
  left: leave,
});

function leave(waiter: Waiter, reason: unknown): void {
  const { flight, asker, patience } = waiter;
  patience.delete(waiter);
  flight.waiters.splice(flight.waiters.indexOf(waiter), 1);
  if (flight.waiters.length === 0) flight.owner.left(flight);
  asker.failed(reason);
}
