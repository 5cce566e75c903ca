// What is counted of each door: requests, failures by kind, bytes, and how long answers took.
import type { FailureKind } from '../routing/transport.ts';

/** Upper bounds of the latency buckets, in ms; one more bucket takes what is slower. */
export const LATENCY_BUCKETS_MS = [2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000] as const;

export interface DoorCounts {
  /** Sent to the door; those that shared another's answer, and those that a circuit or a full queue refused, are not. */
  readonly requests: number;
  /** Answered by a request that was under way already. */
  readonly shared: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  /** Bodies of requests, in characters, and of answers, in bytes. */
  readonly sentChars: number;
  readonly receivedBytes: number;
  /** Answers by bucket; not cumulative. */
  readonly latency: readonly number[];
  readonly latencySumMs: number;
}

export interface DoorMeasures {
  sent(chars: number): void;
  shared(): void;
  answered(ms: number, bytes: number): void;
  failed(kind: FailureKind): void;
  counts(): DoorCounts;
}

export function doorMeasures(): DoorMeasures {
  const failures = { unreachable: 0, timeout: 0, unusable: 0, overloaded: 0, 'circuit-open': 0 };
  const latency: number[] = new Array(LATENCY_BUCKETS_MS.length + 1).fill(0);
  const sums = { requests: 0, shared: 0, sentChars: 0, receivedBytes: 0, latencySumMs: 0 };
  return {
    sent: chars => {
      sums.requests++;
      sums.sentChars += chars;
    },
    shared: () => {
      sums.shared++;
    },
    answered: (ms, bytes) => {
      sums.receivedBytes += bytes;
      sums.latencySumMs += ms;
      let bucket = 0;
      while (bucket < LATENCY_BUCKETS_MS.length && ms > LATENCY_BUCKETS_MS[bucket]!) bucket++;
      latency[bucket]!++;
    },
    failed: kind => {
      failures[kind]++;
    },
    counts: () => ({ ...sums, failures: { ...failures }, latency: [...latency] }),
  };
}
