// What an agent says to one region, one step a function: look at the source, speak, remember. Each answers whether it
// succeeded and leaves the when to its caller.
import type { Logger } from '../runtime/log.ts';
import { type Clock, within } from './clock.ts';
import { type Door, DoorError } from './door-client.ts';
import type { FailureLog } from './failure-log.ts';
import type { HostBook } from './host-book.ts';
import type { HostSource } from './host-source.ts';
import {
  type Operation,
  RAISE_ALARM,
  REPORT_HEARTBEATS,
  REPORT_HOST,
  REPORT_HOST_SOFTWARE,
  REPORT_USAGE,
  type UserError,
} from './operations.ts';
import type { AlarmReport, HostReport } from './report.ts';

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

/** Beats for every accepted host in one call; answers how many the region has forgotten. */
export async function beat(deps: StepDeps): Promise<{ readonly ok: boolean; readonly unknown: number }> {
  const vitals = await look(deps, 'vitals', () => deps.source.vitals());
  const hosts = vitals.flatMap(({ identity, ...rest }) => {
    const id = deps.book.idOf(identity);
    return id === undefined ? [] : [{ id, ...rest }];
  });
  if (hosts.length === 0) return { ok: true, unknown: 0 };
  const answer = await speak(deps, REPORT_HEARTBEATS, { hosts });
  if (!answer) return { ok: false, unknown: 0 };
  if (answer.unknown.length > 0) deps.log.info({ region: deps.region, hosts: answer.unknown }, 'region forgot hosts');
  deps.book.forget(answer.unknown);
  return { ok: true, unknown: answer.unknown.length };
}

export async function reportUsage(deps: StepDeps): Promise<boolean> {
  const samples = await look(deps, 'usage', () => deps.source.usage());
  if (samples.length === 0) return true;
  const answer = await speak(deps, REPORT_USAGE, { samples });
  return answer !== undefined && settled(deps, `${REPORT_USAGE.name} samples`, answer.userErrors);
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

/** Raises the alarms that stand from the start; raising one again changes nothing. A refused one is not tried again. */
export async function raiseStanding(deps: StepDeps, alarms: readonly AlarmReport[]): Promise<boolean> {
  const answers = await Promise.all(
    alarms.map(async alarm => {
      const answer = await speak(deps, RAISE_ALARM, { region: deps.region, ...alarm });
      if (answer) settled(deps, `${RAISE_ALARM.name} ${alarm.entityInstanceId}`, answer.userErrors);
      return answer !== undefined;
    }),
  );
  return answers.every(Boolean);
}

const look = <T>({ clock, signal }: StepDeps, what: string, read: () => Promise<T>): Promise<T> =>
  within(clock, SOURCE_DEADLINE_MS, signal, what, read());

/** Undefined when the door did not answer properly; it has been logged then. */
async function speak<T>(deps: StepDeps, operation: Operation<T>, input: object): Promise<T | undefined> {
  try {
    const answer = await deps.door.send(operation, input, deps.signal);
    deps.failures.worked(operation.name);
    return answer;
  } catch (error) {
    if (!(error instanceof DoorError)) throw error;
    if (!deps.signal.aborted) deps.failures.failed(operation.name, error.code, error.message); // aborted: we hung up
    return undefined;
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
