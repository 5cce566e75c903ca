// What a test opened and must close, last opened first; also after a failure.
import { afterAll } from 'vitest';

export function leftovers(): { add(close: () => Promise<unknown> | unknown): void } {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  return { add: close => closers.push(close) };
}
