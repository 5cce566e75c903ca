// Turns how full a resource is into the alarm that StarlingX raises for it. An alarm falls back to a lower level only once
// the value is `hysteresisPercent` below that level's threshold, and goes up or down only after a hold: so it does not flap.
import type { Config } from '../../../../runtime/config.ts';
import { isWorse } from '../../../catalogue/catalogue.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import type { Raise } from '../alarms/alarm-lifecycle.ts';
import type { WantedAlarm } from '../alarms/alarm-service.ts';
import { type Contradiction, type Held, hold } from './level-hold.ts';

export type UsageResource = 'CPU' | 'MEMORY' | 'FILESYSTEM';

/** `UsageSampleInput` of the SDL. */
export interface UsageSample {
  readonly hostname: string;
  readonly resource: UsageResource;
  readonly instance?: string | null;
  /** 0 to 100. */
  readonly usedPercent: number;
}

type Thresholds = Config['thresholds'];

interface Rule {
  readonly alarmId: string;
  readonly level: 'cpu' | 'memory' | 'filesystem';
  entity(sample: UsageSample): string;
  words(sample: UsageSample): string;
}

// Alarm ids and entities: the catalogue's.
const RULES: Readonly<Record<UsageResource, Rule>> = {
  CPU: { alarmId: '100.101', level: 'cpu', entity: s => `host=${s.hostname}`, words: () => 'Platform CPU usage' },
  MEMORY: {
    alarmId: '100.103',
    level: 'memory',
    entity: s => `host=${s.hostname}.memory=total`,
    words: () => 'Memory usage',
  },
  FILESYSTEM: {
    alarmId: '100.104',
    level: 'filesystem',
    entity: s => `host=${s.hostname}.filesystem=${s.instance ?? '/'}`,
    words: s => `Usage of file system ${s.instance ?? '/'}`,
  },
};

type Level = 'MAJOR' | 'CRITICAL';

/** How the samples of one resource contradict its alarm. */
type Contradictions = { readonly [L in Level]: Contradiction | undefined };

/** What is under way, by alarm. One per region, in memory: level-hold.ts says what a restart does to it. */
export type Holds = Map<string, Contradictions>;

/** `at`: when the sample came, in ms since 1970. */
export function wantedAlarm(sample: UsageSample, thresholds: Thresholds, holds: Holds, at: number): WantedAlarm {
  const rule = RULES[sample.resource];
  const key = { alarmId: rule.alarmId, entityInstanceId: rule.entity(sample) };
  const limits = thresholds[rule.level];
  const name = `${key.alarmId} ${key.entityInstanceId}`;
  const before = holds.get(name);
  return {
    key,
    // asked again under the lock, with the same sample: so from what was before it
    decide: open => {
      const judged = judge(sample.usedPercent, open, before, limits, thresholds, at);
      remember(holds, name, judged.contradictions);
      if (judged.severity === null) return null;
      if (open?.severity === judged.severity) return 'keep'; // a new percentage alone is no news
      return { ...key, severity: judged.severity, reasonText: reason(rule, sample, judged.severity, limits) };
    },
  };
}

function judge(
  used: number,
  open: AlarmRow | null,
  before: Contradictions | undefined,
  limits: { readonly major: number; readonly critical: number },
  thresholds: Thresholds,
  at: number,
): { readonly severity: Level | null; readonly contradictions: Contradictions } {
  const level = (is: Level, limit: number): Held => {
    const on = open !== null && !isWorse(is, open.severity);
    const wants = used >= limit - (on ? thresholds.hysteresisPercent : 0);
    return hold(on, wants, before?.[is], at, thresholds);
  };
  const critical = level('CRITICAL', limits.critical);
  const major = level('MAJOR', limits.major);
  const severity = critical.on ? 'CRITICAL' : major.on ? 'MAJOR' : null;
  return { severity, contradictions: { CRITICAL: critical.contradiction, MAJOR: major.contradiction } };
}

const MOST_HOLDS = 100_000; // resources; of those that went silent while held the oldest are forgotten

function remember(holds: Holds, name: string, held: Contradictions): void {
  if (held.MAJOR === undefined && held.CRITICAL === undefined) return void holds.delete(name);
  holds.set(name, held);
  if (holds.size > MOST_HOLDS) holds.delete(holds.keys().next().value!);
}

function reason(
  rule: Rule,
  sample: UsageSample,
  severity: Level,
  limits: { readonly major: number; readonly critical: number },
): Raise['reasonText'] {
  const limit = severity === 'CRITICAL' ? limits.critical : limits.major;
  return `${rule.words(sample)} on ${sample.hostname} is ${sample.usedPercent.toFixed(1)} %; the ${severity.toLowerCase()} threshold is ${limit} %`;
}
