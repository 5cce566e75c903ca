// Hears every way in which somebody wants the stack to end. Says so once, and a second time when it is insisted on.
import { npmLifeline } from './own-process.ts';

export interface StopSignals {
  /** Resolves with the cause at the first wish to stop. */
  readonly requested: Promise<string>;
  /** Resolves when a second signal asks not to wait any longer. */
  readonly insisted: Promise<string>;
  dispose(): void;
}

/** At one Ctrl-C the terminal signals npm and us, and npm passes its own on: the same wish arrives twice. */
const SAME_WISH_MS = 700;
const PARENT_CHECK_MS = 500;

export function listenForStop({ now = Date.now, lifeline = npmLifeline } = {}): StopSignals {
  const first = withResolvers();
  const second = withResolvers();
  let askedAt: number | undefined;
  const hear = (cause: string): void => {
    askedAt ??= now();
    first.resolve(cause);
    if (now() - askedAt > SAME_WISH_MS) second.resolve(cause);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, hear);
  const npm = lifeline();
  const watch = setInterval(() => npm !== null && lifeline() !== npm && first.resolve('npm is gone'), PARENT_CHECK_MS);
  return {
    requested: first.promise,
    insisted: second.promise,
    dispose() {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, hear);
    },
  };
}

function withResolvers(): { promise: Promise<string>; resolve: (cause: string) => void } {
  let resolve: (cause: string) => void = () => {};
  const promise = new Promise<string>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
