// What an agent says to one region, one step a function: look at the source, speak, remember. Each answers whether it
// succeeded and leaves the when to its caller.
import type { Logger } from '../runtime/log.ts';
import { type Clock, within } from './clock.ts';
import { type Door, DoorError } from './door-client.ts';
import type { FailureLog } from './failure-log.ts';
import type { HostBook } from './host-book.ts';
import type { HostSource } from './host-source.ts';
import {
  CLEAR_ALARM,
  type HostTask,
  type Operation,
  RAISE_ALARM,
  REPORT_EVENT,
  REPORT_HEARTBEATS,
  REPORT_HOST,
  REPORT_HOST_CHECKS,
  REPORT_HOST_SOFTWARE,
  REPORT_USAGE,
  type UserError,
} from './operations.ts';
import type { EventQueue } from './queue/event-queue.ts';
import type { QueuedEvent } from './queue/queued-event.ts';
import type { AlarmReport, EventReport, HostReport } from './report.ts';

/** A look at the machine that takes longer is given up and tried again. */
const SOURCE_DEADLINE_MS = 20_000;

export interface StepDeps {
  readonly region: string;
  readonly source: HostSource;
  readonly door: Door;
  readonly book: HostBook;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failures: FailureLog;
  readonly signal: AbortSignal;
  /** How often its hosts beat. */
  readonly heartbeatMs: number;
}

/** Looks at the hardware and reports the hosts that are due. */
export async function reportHosts(deps: StepDeps): Promise<{ readonly complete: boolean; readonly reported: number }> {
  const now = deps.clock.now(); // of the look, not of the answer: else the turn after discoveryMs comes a blink early
  const hosts = await look(deps, 'discovery', () => deps.source.discover());
  const due = deps.book.due(hosts, now);
  const accepted = await Promise.all(due.map(host => reportHost(deps, host, now)));
  const reported = accepted.filter(Boolean).length;
  return { complete: reported === due.length, reported };
}

async function reportHost(deps: StepDeps, host: HostReport, now: number): Promise<boolean> {
  const answer = await speak(deps, REPORT_HOST, host);
  if (!answer) return false;
  const subject = `${REPORT_HOST.name} ${host.hostname}`;
  if (!answer.host) {
    noteRefusal(deps, subject, answer.userErrors);
    return false;
  }
  deps.failures.worked(subject);
  deps.book.accepted(host, answer.host.id, now);
  return true;
}

export interface Beaten {
  readonly ok: boolean;
  /** How many hosts have to be reported again. */
  readonly unknown: number;
  /** What the region asks of the hosts. */
  readonly tasks: readonly HostTask[];
}

/** Beats for every accepted host in one call. One that has booted is reported first: a boot is told with what it brought. */
export async function beat(deps: StepDeps): Promise<Beaten> {
  const vitals = await look(deps, 'vitals', () => deps.source.vitals());
  const booted = vitals.filter(({ identity, bootId }) => deps.book.hasBooted(identity, bootId));
  const hosts = vitals.flatMap(({ identity, ...rest }) => {
    const id = deps.book.idOf(identity);
    return id === undefined || deps.book.hasBooted(identity, rest.bootId) ? [] : [{ id, ...rest }];
  });
  if (hosts.length === 0) return { ok: true, unknown: booted.length, tasks: [] };
  const answer = await speak(
    deps,
    REPORT_HEARTBEATS,
    { hosts, everyMs: deps.heartbeatMs },
    { deadlineMs: beatDeadline(deps) },
  );
  if (!answer) return { ok: false, unknown: 0, tasks: [] };
  if (answer.unknown.length > 0) deps.log.info({ region: deps.region, hosts: answer.unknown }, 'region forgot hosts');
  deps.book.forget(answer.unknown);
  return { ok: true, unknown: answer.unknown.length + booted.length, tasks: answer.tasks };
}

export async function reportUsage(deps: StepDeps): Promise<boolean> {
  const samples = await look(deps, 'usage', () => deps.source.usage());
  if (samples.length === 0) return true;
  const answer = await speak(deps, REPORT_USAGE, { samples });
  return answer !== undefined && settled(deps, `${REPORT_USAGE.name} samples`, answer.userErrors);
}

/** What was said last, so that it is said again only when it has changed or is old. */
export interface SaidChecks {
  text: string;
  at: number;
}

const SAY_AGAIN_MS = 30_000; // a region that lost its database hears of what stands within this

export async function reportChecks(deps: StepDeps, said: SaidChecks): Promise<boolean> {
  const checks = await look(deps, 'checks', () => deps.source.checks());
  const hosts = checks.flatMap(({ identity, ...rest }) => {
    const id = deps.book.idOf(identity);
    return id === undefined ? [] : [{ id, ...rest }];
  });
  const [text, now] = [JSON.stringify(hosts), deps.clock.now()];
  if (hosts.length === 0 || (text === said.text && now - said.at < SAY_AGAIN_MS)) return true;
  const answer = await speak(deps, REPORT_HOST_CHECKS, { hosts });
  if (!answer || !settled(deps, `${REPORT_HOST_CHECKS.name} hosts`, answer.userErrors)) return false;
  Object.assign(said, { text, at: now });
  return true;
}

export async function reportSoftware(deps: StepDeps): Promise<boolean> {
  const software = await look(deps, 'software', () => deps.source.software());
  const hosts = software.flatMap(({ identity, ...rest }) => {
    const id = deps.book.idOf(identity);
    return id === undefined ? [] : [{ id, ...rest }];
  });
  if (hosts.length === 0) return true;
  const answer = await speak(deps, REPORT_HOST_SOFTWARE, { hosts });
  return answer !== undefined && settled(deps, `${REPORT_HOST_SOFTWARE.name} hosts`, answer.userErrors);
}

/** Queues the alarms that stand from the start, unless an earlier start of the agent did and the region was away since. */
export function queueStanding(queue: EventQueue, region: string, alarms: readonly AlarmReport[]): void {
  for (const alarm of alarms) {
    const input = { region, ...alarm };
    const newest = queue.newest(
      event => event.input['alarmId'] === alarm.alarmId && event.input['entityInstanceId'] === alarm.entityInstanceId,
    );
    const isSaid = newest?.operation === 'raiseAlarm' && JSON.stringify(newest.input) === JSON.stringify(input);
    if (!isSaid) void queue.add({ operation: 'raiseAlarm', input });
  }
}

/** Queues what has happened, to be told once. */
export function queueEvents(queue: EventQueue, region: string, events: readonly EventReport[]): void {
  for (const event of events) void queue.add({ operation: 'reportEvent', input: { region, ...event } });
}

/** As `queueEvents`, but for those that still wait from an earlier start: an agent that keeps dying must not fill the queue. */
export function queueStart(queue: EventQueue, region: string, events: readonly EventReport[]): void {
  const waits = ({ eventId, entityInstanceId }: EventReport): boolean =>
    queue.newest(({ input }) => input['eventId'] === eventId && input['entityInstanceId'] === entityInstanceId) !==
    undefined;
  queueEvents(
    queue,
    region,
    events.filter(event => !waits(event)),
  );
}

const EVENT_OPERATIONS = { raiseAlarm: RAISE_ALARM, clearAlarm: CLEAR_ALARM, reportEvent: REPORT_EVENT };
/** A clear that finds nothing to clear has what it wanted. */
const FINE = new Set(['ALREADY_CLEARED', 'NOT_FOUND']);

/** Sends what is queued, one after the other, until one cannot be delivered. A refused one is not tried again. */
export async function sendEvents(deps: StepDeps, queue: EventQueue): Promise<boolean> {
  for (let event = queue.next(); event !== undefined; event = queue.next()) {
    const refusals = await deliver(deps, event);
    if (refusals === undefined) return false;
    const [refusal] = refusals.filter(({ code }) => event?.operation !== 'clearAlarm' || !FINE.has(code));
    if (refusal) deps.log.warn({ event, code: refusal.code, reason: refusal.message }, 'region refused an event');
    queue.done(event);
  }
  return true;
}

async function deliver(
  deps: StepDeps,
  { operation, key, input }: QueuedEvent,
): Promise<readonly UserError[] | undefined> {
  const answer = await speak(
    deps,
    EVENT_OPERATIONS[operation],
    { ...input, idempotencyKey: key },
    {
      instead: error =>
        error.code === 'INVALID' ? { userErrors: [{ code: error.code, message: error.message }] } : undefined,
    },
  );
  return answer?.userErrors;
}

const look = <T>({ clock, signal }: StepDeps, what: string, read: () => Promise<T>): Promise<T> =>
  within(clock, SOURCE_DEADLINE_MS, signal, what, read());

/** A beat that hangs must not hold up the next: the third one that is missed fails the host. */
const beatDeadline = ({ heartbeatMs }: StepDeps): number => Math.min(5_000, Math.max(1_000, 1.5 * heartbeatMs));

interface SpeakOptions<T> {
  /** What to make of a failure: nothing, mostly. */
  readonly instead?: (error: DoorError) => T | undefined;
  readonly deadlineMs?: number;
}

/** When the door did not answer properly that is logged. */
export async function speak<T>(
  deps: StepDeps,
  operation: Operation<T>,
  input: object,
  { instead = () => undefined, deadlineMs }: SpeakOptions<T> = {},
): Promise<T | undefined> {
  try {
    const answer = await deps.door.send(operation, input, deps.signal, deadlineMs);
    deps.failures.worked(operation.name);
    return answer;
  } catch (error) {
    if (!(error instanceof DoorError)) throw error;
    if (!deps.signal.aborted) deps.failures.failed(operation.name, error.code, error.message); // aborted: we hung up
    return instead(error);
  }
}

function settled(deps: StepDeps, subject: string, errors: readonly UserError[]): boolean {
  if (errors.length === 0) deps.failures.worked(subject);
  else noteRefusal(deps, subject, errors);
  return errors.length === 0;
}

function noteRefusal(deps: StepDeps, subject: string, errors: readonly UserError[]): void {
  const [first] = errors;
  deps.failures.failed(subject, first?.code ?? 'NO_HOST', first?.message ?? 'neither a host nor a user error');
}
