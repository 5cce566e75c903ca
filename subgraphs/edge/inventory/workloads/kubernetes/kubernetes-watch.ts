// One watch of one kind of object: events as they come, and how it ended. The client's own watch waits for a silent server
// for ever; this one gives up.
import type { Watch } from '@kubernetes/client-node';
import type { z } from 'zod';
import { statusOf } from './kubernetes-refusal.ts';

export type WatchEvent<T> =
  | { readonly type: 'OPENED' }
  | { readonly type: 'SAVED' | 'DELETED'; readonly object: T; readonly resourceVersion: string }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  /** The position is too old (410), or the server failed: `code` is its status. */
  | { readonly type: 'ERROR'; readonly code: number; readonly message: string };

export interface OpenWatch {
  /** Resolves when the server has ended it; rejects when it failed. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface WatchOptions<T> {
  readonly path: string;
  readonly shape: z.ZodType<T>;
  readonly resourceVersion: string;
  /** How long the server may take to begin. */
  readonly deadlineMs: number;
}

const LASTS_S = 240; // the server ends a watch after this; one of which nothing is heard for twice as long is dead

interface Message {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly code?: number;
  readonly message?: string;
}

export function openWatch<T>(
  watch: Watch,
  { path, shape, resourceVersion, deadlineMs }: WatchOptions<T>,
  onEvent: (event: WatchEvent<T>) => void,
): OpenWatch {
  let close = (): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    let isOver = false;
    let silence: NodeJS.Timeout | undefined;
    let hangUp = (): void => undefined;
    const over = (error?: unknown): void => {
      isOver = true;
      clearTimeout(silence);
      if (error) reject(refusedWatch(path, error));
      else resolve();
      hangUp(); // last: it fails the watch, which has ended by now
    };
    const listen = (ms: number): void => {
      clearTimeout(silence);
      if (isOver) return;
      silence = setTimeout(() => over(new Error(`nothing was heard for ${ms / 1_000} s`)), ms);
      silence.unref();
    };
    const onMessage = (type: string, object: Message): void => {
      listen(2 * LASTS_S * 1_000);
      const event = isOver ? undefined : readEvent(shape, type, object);
      if (event) onEvent(event);
    };
    close = () => over();
    listen(deadlineMs);
    const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: LASTS_S };
    watch.watch(path, query, onMessage, over).then(connection => {
      hangUp = () => connection.abort();
      if (isOver) return hangUp();
      listen(2 * LASTS_S * 1_000);
      onEvent({ type: 'OPENED' });
    }, over);
  });
  ended.catch(() => undefined); // whoever opened it may look later
  return { ended, close };
}

/** The client tells the status of a refusal, and keeps the words of the API to itself: they would name the missing right. */
function refusedWatch(path: string, error: unknown): unknown {
  const statusCode = statusOf(error);
  if (statusCode === undefined) return error;
  const message = `cannot watch ${path}: ${statusCode} ${(error as Error).message}`;
  return Object.assign(new Error(message, { cause: error }), { statusCode });
}

/** Undefined for an object that is not as Kubernetes has it: it is left out. */
function readEvent<T>(shape: z.ZodType<T>, type: string, object: Message): WatchEvent<T> | undefined {
  const resourceVersion = object?.metadata?.resourceVersion ?? '';
  if (type === 'BOOKMARK') return { type, resourceVersion };
  if (type === 'ERROR') return { type, code: object?.code ?? 500, message: object?.message ?? 'the watch failed' };
  const parsed = shape.safeParse(object);
  if (!parsed.success) return undefined;
  return { type: type === 'DELETED' ? 'DELETED' : 'SAVED', object: parsed.data, resourceVersion };
}
