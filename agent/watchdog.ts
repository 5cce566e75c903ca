// Notices when the agent itself was held up: stopped, starved of CPU, or busy too long at once. Its hosts were silent
// meanwhile, which the region has seen; this is why.
import type { Logger } from '../runtime/log.ts';
import type { Clock } from './clock.ts';

const EVERY_MS = 500;
const STALL_MS = 1_000;

/** Answers how to stop. */
export function watchdog(clock: Clock, log: Logger): () => void {
  let last = clock.now();
  let cancel = (): void => {};
  const look = (): void => {
    const late = clock.now() - last - EVERY_MS;
    if (late >= STALL_MS) log.warn({ stalledMs: late }, 'the agent was held up: its hosts were not heard meanwhile');
    last = clock.now();
    cancel = clock.after(EVERY_MS, look);
  };
  cancel = clock.after(EVERY_MS, look);
  return () => cancel();
}
