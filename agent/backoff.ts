// How long to wait after the n-th failure in a row: doubles up to a cap, with jitter. Knows nothing of what failed.
const FIRST_MS = 250;
const CAP_MS = 10_000; // a region that comes back is found again within this

/** `random` gives [0, 1); half of the wait is jitter, so that agents of a restarted region do not come in step. */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(CAP_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (0.5 + random() / 2));
}
