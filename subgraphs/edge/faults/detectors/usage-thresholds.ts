// Turns how full a resource is into the alarm that StarlingX raises for it. Pure. An alarm falls back to a lower level
// only once the value is `hysteresisPercent` below that level's threshold, so that it does not flap.
import type { Config } from '../../../../runtime/config.ts';
import type { Severity } from '../../../catalogue/catalogue.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import type { Raise } from '../alarms/alarm-lifecycle.ts';
import type { WantedAlarm } from '../alarms/alarm-service.ts';

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
  readonly level: keyof Omit<Thresholds, 'hysteresisPercent'>;
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

export function wantedAlarm(sample: UsageSample, thresholds: Thresholds): WantedAlarm {
  const rule = RULES[sample.resource];
  const key = { alarmId: rule.alarmId, entityInstanceId: rule.entity(sample) };
  const limits = thresholds[rule.level];
  return {
    key,
    decide: open => {
      const severity = severityOf(sample.usedPercent, open, limits, thresholds.hysteresisPercent);
      if (severity === null) return null;
      if (open?.severity === severity) return 'keep'; // a new percentage alone is no news
      return { ...key, severity, reasonText: reason(rule, sample, severity, limits) };
    },
  };
}

function severityOf(
  used: number,
  open: AlarmRow | null,
  limits: { readonly major: number; readonly critical: number },
  hysteresis: number,
): Severity | null {
  const slack = (level: Severity): number =>
    open && (open.severity === level || open.severity === 'CRITICAL') ? hysteresis : 0;
  if (used >= limits.critical - slack('CRITICAL')) return 'CRITICAL';
  if (used >= limits.major - slack('MAJOR')) return 'MAJOR';
  return null;
}

function reason(
  rule: Rule,
  sample: UsageSample,
  severity: Severity,
  limits: { readonly major: number; readonly critical: number },
): Raise['reasonText'] {
  const limit = severity === 'CRITICAL' ? limits.critical : limits.major;
  return `${rule.words(sample)} on ${sample.hostname} is ${sample.usedPercent.toFixed(1)} %; the ${severity.toLowerCase()} threshold is ${limit} %`;
}
