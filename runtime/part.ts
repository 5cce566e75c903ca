// The life of one process: start, say so to whoever started it, drain on a signal, never outlive the launcher.
import type { Logger } from './log.ts';

/** What a process runs. */
export interface Part {
  /** Where it answers, when it has a door. */
  readonly url?: string;
  /** Stops taking work, finishes what is under way, releases everything. */
  close(): Promise<void>;
}

/** What a part tells its launcher over the IPC channel. */
export type PartMessage =
  | { readonly kind: 'ready'; readonly url?: string }
  | { readonly kind: 'failed'; readonly message: string };

const DRAIN_MS = 8_000; // below the launcher's drainMs: a part that cannot drain ends itself before it is killed

/** `start` gets a signal that says that the part is no longer wanted, which may be before it has started. */
export async function runPart(log: Logger, start: (unwanted: AbortSignal) => Promise<Part>): Promise<void> {
  const unwanted = new AbortController();
  const running = start(unwanted.signal);
  let stopping = false;
  const failed = (error: unknown): void => {
    log.error({ err: error }, 'did not stop cleanly');
    process.exit(1);
  };
  const stop = (cause: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ cause }, 'stopping');
    unwanted.abort();
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    running.then(
      part => part.close().then(() => process.exit(0), failed),
      () => process.exit(0), // it had not started: there is nothing to drain
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  process.on('disconnect', () => stop('launcher gone'));
  try {
    const part = await running;
    log.info({ url: part.url }, 'ready');
    tell({ kind: 'ready', ...(part.url === undefined ? {} : { url: part.url }) });
  } catch (error) {
    if (stopping) return;
    log.fatal({ err: error }, 'did not start');
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 200); // lets the message and the log line out
  }
}

function tell(message: PartMessage): void {
  process.send?.(message);
}
