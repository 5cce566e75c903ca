// Keeps a copy of all objects of one kind: a list, then a watch from there on. A watch that ends goes on from the last
// position; a position that the server no longer has (410) begins anew with a list. It never gives up.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../../../../runtime/log.ts';
import type { KubernetesClient, ObjectOf, WatchedKind } from './kubernetes-client.ts';
import { reasonOf, statusOf } from './kubernetes-refusal.ts';
import type { OpenWatch } from './kubernetes-watch.ts';

export interface Reflector<T> {
  /** By uid. Null until the first list; the last known ones while the server is away. */
  readonly objects: ReadonlyMap<string, T> | null;
  /** Grows with each change. */
  readonly version: number;
  /** Why the server cannot be followed now; null while it can. */
  readonly trouble: string | null;
  close(): void;
}

export interface ReflectorDeps<K extends WatchedKind> {
  readonly kind: K;
  readonly client: Pick<KubernetesClient, 'list' | 'watch'>;
  readonly log: Logger;
  /** [0, 1) */
  readonly random: () => number;
  /** The first pause after a failure; it doubles up to 32 times that. */
  readonly retryMs: number;
}

const GONE = 410;
const DOUBLINGS = 5;

export function openReflector<K extends WatchedKind>({
  kind,
  client,
  log,
  random,
  retryMs,
}: ReflectorDeps<K>): Reflector<ObjectOf[K]> {
  const stop = new AbortController();
  const copy = { objects: null as Map<string, ObjectOf[K]> | null, version: 0, trouble: null as string | null };
  let position = ''; // empty: a list is needed
  let failures = 0;
  let open: OpenWatch | undefined;

  const list = async (): Promise<void> => {
    const listed = new Map<string, ObjectOf[K]>();
    let page = await client.list(kind, '');
    for (;;) {
      for (const object of page.objects) listed.set(object.metadata.uid, object);
      if (page.continueAt === '') break;
      page = await client.list(kind, page.continueAt);
    }
    position = page.resourceVersion;
    copy.objects = listed;
    copy.version++;
  };

  const works = (): void => {
    if (copy.trouble !== null) log.info({ kind }, 'Kubernetes can be followed again');
    copy.trouble = null;
  };

  const follow = async (): Promise<void> => {
    let failed: Error | undefined;
    const watch = client.watch(kind, position, event => {
      if (event.type === 'OPENED') return works();
      if (event.type === 'ERROR') {
        failed = statusError(event.code, event.message);
        watch.close();
        return;
      }
      failures = 0;
      if (event.resourceVersion !== '') position = event.resourceVersion;
      if (event.type === 'BOOKMARK') return;
      if (event.type === 'DELETED') copy.objects!.delete(event.object.metadata.uid);
      else copy.objects!.set(event.object.metadata.uid, event.object);
      copy.version++;
    });
    open = watch;
    if (stop.signal.aborted) watch.close();
    await watch.ended;
    if (failed) throw failed;
  };

  const turn = async (): Promise<void> => {
    if (position === '') await list();
    const began = performance.now();
    await follow();
    if (performance.now() - began < retryMs)
      failures++; // ended at once: asked again, but not without a pause
    else failures = 0;
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await turn();
      } catch (error) {
        if (stop.signal.aborted) return;
        if (statusOf(error) === GONE) position = '';
        failures++;
        copy.trouble = reasonOf(error);
        log.warn({ kind, reason: copy.trouble, failures }, 'Kubernetes cannot be followed; tried again');
      }
      const waits = failures === 0 ? 0 : retryMs * 2 ** Math.min(failures - 1, DOUBLINGS) * (0.5 + random() / 2);
      await pause(waits, undefined, { signal: stop.signal }).catch(() => undefined); // closed
    }
  };
  void run();
  return {
    get objects() {
      return copy.objects;
    },
    get version() {
      return copy.version;
    },
    get trouble() {
      return copy.trouble;
    },
    close: () => {
      stop.abort();
      open?.close();
    },
  };
}

const statusError = (code: number, message: string): Error => Object.assign(new Error(message), { code });
