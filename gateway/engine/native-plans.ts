// Plans of the native planner, made in a process of its own: a panic in it ends whatever process it runs in, and no
// operation of a client may end the gateway. Starts the process, ends it when it is idle, starts it again when it died.
// One supergraph. Why, and what was rejected: docs/decisions/0028-planner-process.md.
import type * as Hive from '@graphql-hive/router-query-planner';
import { type DocumentNode, print } from 'graphql';
import type { Logger } from '../../runtime/log.ts';
import { codedError } from '../../schema/errors.ts';
import { type Fear, fearedOperations } from './feared-operations.ts';
import { planQueue } from './plan-queue.ts';
import { type Ending, type FromPlanner, type PlannerLife, startPlanner } from './planner-life.ts';

export interface NativePlansDeps {
  readonly supergraphSdl: string;
  readonly log?: Pick<Logger, 'warn'> | undefined;
  readonly limits?: Partial<PlannerLimits> | undefined;
}

export interface PlannerLimits {
  /** Plans that are made side by side. */
  readonly atOnce: number;
  /** Operations that wait for one of these places; one more is refused. */
  readonly waiting: number;
  /** What one plan may take. */
  readonly planMs: number;
  readonly startMs: number;
  /** After a start that failed, until the next one. */
  readonly pauseMs: number;
  /** After so long without a plan it is ended: plans are kept, and a quiet gateway needs no new ones. */
  readonly idleMs: number;
}

const LIMITS: PlannerLimits = {
  atOnce: 4, // the threads that Node has for it
  waiting: 256,
  planMs: 10_000, // the widest operations that limits.ts lets through take two or three seconds on a busy machine
  startMs: 10_000,
  pauseMs: 30_000,
  idleMs: 60_000,
};

export interface NativePlans {
  /** Refused with a coded error by the limits; what fails otherwise another planner may be able to plan. */
  plan(document: DocumentNode): Promise<Hive.PlanNode | null>;
  counts(): PlannerProcessCounts;
  close(): Promise<void>;
}

export interface PlannerProcessCounts {
  /** Null while none runs. */
  readonly pid: number | null;
  readonly starts: number;
  /** How often it ended by itself. */
  readonly crashes: number;
  /** How often it was ended because a plan took too long. */
  readonly overdue: number;
}

/** An operation on its way through the planner. */
interface Asked {
  readonly document: DocumentNode;
  readonly operation: string;
  resolve(node: Hive.PlanNode | null): void;
  reject(failure: Error): void;
  overdue?: NodeJS.Timeout;
}

/** Resolves when it is ready, or failed to start and is tried again. Throws when it cannot plan this supergraph here. */
export async function openNativePlans(deps: NativePlansDeps): Promise<NativePlans> {
  const plans = nativePlans(deps);
  try {
    await plans.opened;
    return plans;
  } catch (error) {
    await plans.close();
    throw error;
  }
}

function nativePlans({ supergraphSdl, log, limits: given }: NativePlansDeps) {
  const limits = { ...LIMITS, ...given };
  const feared = fearedOperations(() => performance.now());
  const queue = planQueue<Asked>(limits);
  const counts = { starts: 0, crashes: 0, overdue: 0 };
  let life: PlannerLife | undefined;
  let gone: Promise<unknown> = Promise.resolve(); // those before it
  let isReady = false;
  let isClosed = false;
  let pausedUntil = 0;
  let timer: NodeJS.Timeout | undefined; // of the start, later of idleness
  let opening: { resolve(): void; reject(reason: Error): void } | undefined;

  const start = (): void => {
    counts.starts++;
    isReady = false;
    try {
      life = startPlanner({ said, ended });
      life.send({ supergraphSdl });
      timer = setTimeout(() => notStarted(`it was not ready within ${limits.startMs} ms`), limits.startMs);
    } catch (error) {
      notStarted((error as Error).message);
    }
  };
  const end = (): void => {
    clearTimeout(timer);
    if (life) gone = Promise.all([gone, life.end()]).then(() => undefined);
    life = undefined;
  };
  const notStarted = (reason: string): void => {
    end();
    pausedUntil = performance.now() + limits.pauseMs;
    log?.warn({ reason, pauseMs: limits.pauseMs }, 'the planner process did not start; @apollo/query-planner plans');
    opening?.resolve();
    rejectAll(failure(`does not start: ${reason}`));
  };
  const rejectAll = (reason: Error): void => {
    for (const { overdue, reject } of queue.drain()) {
      clearTimeout(overdue);
      reject(reason);
    }
  };

  const said = (message: FromPlanner): void => {
    switch (message.kind) {
      case 'ready':
        isReady = true;
        clearTimeout(timer);
        opening?.resolve();
        break;
      case 'unfit':
        opening?.reject(new Error(message.reason));
        notStarted(message.reason);
        break;
      case 'plan':
        finished(message.id)?.resolve(message.node);
        break;
      case 'noPlan':
        finished(message.id)?.reject(new Error(message.reason));
    }
    pump();
  };
  const finished = (id: number): Asked | undefined => {
    const asked = queue.finish(id);
    clearTimeout(asked?.overdue);
    return asked;
  };
  const ended = (ending: Ending): void => {
    if (isReady) crashed(ending);
    else notStarted(`${ending.how} ${ending.said}`);
  };
  const crashed = (ending: Ending): void => {
    end();
    counts.crashes++;
    const culprit = queue.died();
    if (culprit) {
      const operation = fear(culprit, 'aborts');
      log?.warn({ ...ending, ...operation }, 'an operation ended the planner process; @apollo/query-planner plans it');
      culprit.reject(failure(`ended while it planned this operation (${ending.how})`));
    } else log?.warn(ending, 'the planner process ended; what it planned is planned again');
    pump();
  };
  /** A thread of it cannot be stopped alone. */
  const giveUp = (id: number): void => {
    const asked = finished(id);
    if (!asked) return;
    counts.overdue++;
    queue.interrupt();
    end();
    log?.warn(
      { ...fear(asked, 'slow'), planMs: limits.planMs },
      'an operation takes the planner too long; it is refused',
    );
    asked.reject(tooSlow(limits.planMs));
    pump();
  };
  const fear = ({ document, overdue }: Asked, why: Fear) => {
    clearTimeout(overdue);
    const { hash, text } = feared.add(document, why);
    return { operation: hash, shape: text.slice(0, MOST_LOGGED) };
  };

  /** Brings forward what can be. */
  const pump = (): void => {
    if (isClosed) return;
    if (queue.isEmpty()) rest();
    else if (!life) start();
    else sendTo(life);
  };
  const sendTo = (to: PlannerLife): void => {
    to.hold(true);
    if (!isReady) return;
    clearTimeout(timer);
    for (const [id, asked] of queue.begin()) {
      clearTimeout(asked.overdue);
      asked.overdue = setTimeout(giveUp, limits.planMs, id);
      to.send({ id, operation: asked.operation });
    }
  };
  const rest = (): void => {
    if (!life || !isReady) return;
    life.hold(false);
    clearTimeout(timer);
    timer = setTimeout(end, limits.idleMs).unref();
  };
  const refusal = (document: DocumentNode): Error | undefined => {
    if (isClosed) return failure('is closed');
    const why = feared.fearOf(document);
    if (why === 'slow') return tooSlow(limits.planMs);
    if (why === 'aborts') return failure('ended when it planned this operation before');
    return performance.now() < pausedUntil ? failure('does not start') : undefined;
  };

  const opened = new Promise<void>((resolve, reject) => {
    opening = { resolve, reject };
  });
  start();
  return {
    opened,
    plan: (document: DocumentNode) =>
      new Promise<Hive.PlanNode | null>((resolve, reject) => {
        const refused = refusal(document);
        if (refused) return reject(refused);
        const operation = print(document);
        if (queue.add({ document, operation, resolve, reject })) pump();
        else reject(busy(limits.waiting));
      }),
    counts: () => ({ pid: life?.pid ?? null, ...counts }),
    close: async () => {
      isClosed = true;
      rejectAll(failure('is closed'));
      end();
      await gone;
    },
  };
}

const MOST_LOGGED = 2_000; // characters of an operation's shape

const failure = (what: string): Error => new Error(`The planner process ${what}.`);

const tooSlow = (planMs: number) =>
  codedError(
    'OPERATION_TOO_EXPENSIVE',
    `Planning the operation takes more than ${planMs} ms: ask for less at once, or in several operations.`,
    { limit: 'planMs', allowed: planMs },
  );

const busy = (waiting: number) =>
  codedError('PLANNER_BUSY', `${waiting} operations that are new to this gateway wait to be planned: try again soon.`);
