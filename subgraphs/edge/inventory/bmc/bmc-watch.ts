// When the BMCs of a region are looked at: each at its interval, at once after an event or an order, sooner after a failure,
// later after a refused password; so many at a time.
import { setMaxListeners } from 'node:events';
import type { Config } from '../../../../runtime/config.ts';
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { BmcAccess } from './bmc-access.ts';
import { accessKey } from './bmc-access.ts';
import type { AuditOutcome, BmcAudit } from './bmc-audit.ts';
import { BmcError, isPassing } from './bmc-error.ts';

export interface BmcWatchDeps {
  readonly audit: BmcAudit;
  readonly settings: Config['inventory']['bmc'];
  /** All BMCs of the region. */
  accesses(): Promise<readonly BmcAccess[]>;
  /** Lets go of hosts that have no BMC any more. */
  letGo(hostIds: ReadonlySet<string>): Promise<void>;
  readonly log: Logger;
  now(): Date;
}

export interface BmcWatch {
  /** Something happened at this host: its BMC is looked at, log and all. */
  happened(hostId: string): void;
  /** An order was given: looks are close together for a while. */
  ordered(hostId: string): void;
  stop(): Promise<void>;
}

interface Entry {
  access: BmcAccess;
  key: string;
  /** Milliseconds since the epoch. */
  dueAt: number;
  /** The log and the subscription are looked at, too. */
  wholeAt: number;
  ordersUntil: number;
  failures: number;
  /** The look before left something open; another one at once would be no end to it. */
  isConfirming: boolean;
  isUnderWay: boolean;
  /** It happened while a look was under way: there is another behind it. */
  isAgain: boolean;
}

const TICK_MS = 1_000;
const LIST_MS = 5_000; // a new BMC is found within this
const WHOLE_MS = 300_000; // a dropped subscription is noticed within this
const SPREAD_MS = 3_000; // of the first looks after a start
const RETRY_MS = 3_000; // while it is not yet called lost
const REFUSED_MS = 300_000; // BMCs lock users out whose password is wrong too often
const CONFIRM_MS = 3_000; // until a reading that is other than before counts
const ORDERED_MS = 2_000;
const ORDERED_FOR_MS = 60_000;
const LOOK_MS = 120_000; // a slow BMC with 200 sensors and one request for each

export function watchBmcs(deps: BmcWatchDeps): BmcWatch {
  const { settings, log } = deps;
  const entries = new Map<string, Entry>();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // each look under way listens
  const looks = new Set<Promise<void>>();
  const tickMs = Math.min(TICK_MS, settings.auditMs);
  let listedAt = 0;

  const look = async (entry: Entry): Promise<void> => {
    const from = deps.now().getTime();
    const whole = from >= entry.wholeAt;
    const outcome = await audited(deps, entry.access, whole, stopping.signal);
    const now = deps.now().getTime();
    const isWell = outcome === 'OK' || outcome === 'UNSURE';
    const isBack = isWell && entry.failures > 0;
    entry.failures = isWell ? 0 : entry.failures + 1;
    // what happened while it was away is in its log, and it may have forgotten the subscription
    if (isBack) entry.wholeAt = 0;
    else if (isWell && whole && !entry.isAgain) entry.wholeAt = now + WHOLE_MS;
    const isSoon = entry.isAgain || isBack;
    entry.isAgain = false;
    entry.dueAt = isSoon ? now : Math.max(now, from + pauseAfter(settings, entry, outcome, now));
    entry.isConfirming = outcome === 'UNSURE' && !entry.isConfirming;
  };

  const start = (entry: Entry): void => {
    entry.isUnderWay = true;
    const work = look(entry)
      .catch(error => {
        if (error instanceof Stopped) return;
        entry.dueAt = deps.now().getTime() + settings.auditMs;
        log.error({ err: error, host: entry.access.hostname }, 'look at a BMC failed');
      })
      .finally(() => {
        entry.isUnderWay = false;
        looks.delete(work);
        if (entry.dueAt <= deps.now().getTime()) beginDue();
      });
    looks.add(work);
  };

  const beginDue = (): void => {
    const now = deps.now().getTime();
    const due = [...entries.values()].filter(entry => !entry.isUnderWay && entry.dueAt <= now);
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const entry of due.slice(0, Math.max(0, settings.atOnce - looks.size)))
      if (!stopping.signal.aborted) start(entry);
  };

  const list = async (): Promise<void> => {
    const now = deps.now().getTime();
    const isFirst = listedAt === 0;
    const found = await deps.accesses();
    listedAt = now;
    const ids = new Set(found.map(({ hostId }) => hostId));
    for (const access of found) {
      const key = accessKey(access);
      const known = entries.get(access.hostId);
      const spread = isFirst ? Math.random() * Math.min(SPREAD_MS, settings.auditMs) : 0;
      if (known?.key === key) known.access = access;
      else if (known) Object.assign(known, { access, key, dueAt: now, wholeAt: 0, failures: 0 });
      else entries.set(access.hostId, fresh(access, key, now + spread));
    }
    for (const hostId of [...entries.keys()].filter(id => !ids.has(id))) {
      entries.delete(hostId);
      deps.audit.forget(hostId);
    }
    await deps.letGo(ids);
  };

  const loop = repeating({
    everyMs: tickMs,
    log,
    failed: 'BMC watch failed',
    work: async () => {
      if (deps.now().getTime() - listedAt >= Math.min(LIST_MS, settings.auditMs)) await list();
      beginDue();
    },
  });

  const soon = (hostId: string, change: Partial<Entry>): void => {
    const entry = entries.get(hostId);
    if (!entry) return;
    Object.assign(entry, change);
    if (entry.isUnderWay) entry.isAgain = true;
    else entry.dueAt = Math.min(entry.dueAt, deps.now().getTime());
    beginDue();
  };

  return {
    happened: hostId => soon(hostId, { wholeAt: 0 }),
    ordered: hostId => soon(hostId, { ordersUntil: deps.now().getTime() + ORDERED_FOR_MS }),
    stop: async () => {
      stopping.abort();
      await loop.stop();
      await Promise.all(looks);
    },
  };
}

const fresh = (access: BmcAccess, key: string, dueAt: number): Entry => ({
  access,
  key,
  dueAt,
  wholeAt: 0,
  ordersUntil: 0,
  failures: 0,
  isConfirming: false,
  isUnderWay: false,
  isAgain: false,
});

function pauseAfter(
  { auditMs, lostAfter }: BmcWatchDeps['settings'],
  { failures, isConfirming, ordersUntil }: Entry,
  outcome: AuditOutcome,
  now: number,
): number {
  if (outcome instanceof BmcError && outcome.code === 'UNAUTHORIZED') return Math.max(auditMs, REFUSED_MS);
  if (outcome instanceof BmcError && isPassing(outcome) && failures < lostAfter) return Math.min(auditMs, RETRY_MS);
  if (outcome === 'UNSURE' && !isConfirming) return Math.min(auditMs, CONFIRM_MS);
  return ordersUntil > now ? Math.min(auditMs, ORDERED_MS) : auditMs;
}

/** With a deadline over all of its requests. */
async function audited(
  { audit }: BmcWatchDeps,
  access: BmcAccess,
  whole: boolean,
  stopping: AbortSignal,
): Promise<AuditOutcome> {
  const stop = new AbortController();
  const onStop = (): void => stop.abort(new Stopped());
  const timer = setTimeout(
    () => stop.abort(new BmcError('SILENT', `The BMC needed more than ${LOOK_MS / 1_000} s for all that was asked.`)),
    LOOK_MS,
  );
  if (stopping.aborted) onStop();
  stopping.addEventListener('abort', onStop, { once: true });
  try {
    return await audit.look(access, { whole }, stop.signal);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', onStop);
  }
}

/** The region stops: what was under way says nothing of the BMC. */
class Stopped extends Error {}
