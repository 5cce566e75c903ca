// Which alarm a Prometheus alert is. Pure: the same labels always make the same alarm, other labels another one.
// The rule for people, with examples, is docs/alertmanager.md:
//
//   alarmId           label alarm_id (three digits, dot, three digits, and no event log of the catalogue: an alert has a
//                     state), else 990.NNN with NNN from a hash of alertname.
//                     Names that share a number are told apart by `alert=` in the entity instance.
//   entityInstanceId  label entity_instance_id, with `.alert=<alertname>` behind it unless alarm_id was given too;
//                     else host=<instance without port>.alert=<alertname>.instance-port=<port>.<all other labels, sorted>.
//   severity          label severity, by the table below; an unknown word is a WARNING and stays in the reason.
//   reasonText        annotations summary and description.
//
// The label `severity` is one of "all other labels": to Prometheus the warning and the critical form of a rule are two
// alerts that resolve each on their own, and if they were one alarm the first to resolve would clear the other.
import { createHash } from 'node:crypto';
import type { UserError } from '../../../../schema/errors.ts';
import type { Catalogue, Severity } from '../../../catalogue/catalogue.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { RaiseAlarmChecks } from '../alarms/alarm-input.ts';
import type { Raise } from '../alarms/alarm-lifecycle.ts';
import { parseEntityInstance } from '../alarms/entity-instance.ts';

export interface AlertText {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alarm, or why there is none. */
export type Mapped = { readonly raise: Raise } | { readonly refusal: string };

/** Alarm ids of alerts that name none; no StarlingX definition lies in it. */
export const FOREIGN_RANGE = '990';

const MAX_ENTITY = 255; // characters; as alarm-input.ts has it
const MAX_REASON = 1_000;

const WORDS: Readonly<Record<Severity, readonly string[]>> = {
  CRITICAL: ['critical', 'emergency', 'fatal'],
  MAJOR: ['major', 'error', 'page', 'high'],
  MINOR: ['minor', 'medium'],
  WARNING: ['warning', 'warn', 'low', 'info', 'none', ''],
};
const SEVERITY_OF = new Map(
  Object.entries(WORDS).flatMap(([severity, words]) => words.map(word => [word, severity as Severity] as const)),
);

export function mapAlert(alert: AlertText, catalogue: Pick<Catalogue, 'find'>): Mapped {
  const labels = new Map(Object.entries(alert.labels).filter(([, value]) => value !== '')); // empty is absent to Prometheus
  const given = labels.get('alarm_id');
  const isAlarm = given !== undefined && /^\d{3}\.\d{3}$/.test(given) && catalogue.find(given)?.kind !== 'LOG';
  const named = isAlarm ? given : null;
  const alertname = labels.get('alertname');
  if (named === null && alertname === undefined) return { refusal: 'labels.alertname or labels.alarm_id is missing' };
  const raise: Raise = {
    alarmId: named ?? foreignAlarmId(alertname!),
    entityInstanceId: entityOf(labels, named !== null),
    severity: severityOf(labels.get('severity')) ?? 'WARNING',
    reasonText: reasonOf(labels, alert.annotations),
  };
  const errors = inputErrors(RaiseAlarmChecks, raise);
  return errors.length > 0 ? { refusal: errors.map(wordsOf).join('; ') } : { raise };
}

export function foreignAlarmId(alertname: string): string {
  const number = createHash('sha256').update(alertname).digest().readUInt32BE(0) % 1_000;
  return `${FOREIGN_RANGE}.${String(number).padStart(3, '0')}`;
}

const severityOf = (word: string | undefined): Severity | undefined => SEVERITY_OF.get((word ?? '').toLowerCase());

/** Labels that have a place of their own, or that tell twins of one Prometheus apart and no alerts. */
const PLACED = new Set(['alertname', 'instance', 'prometheus_replica']);
/** Names that could be mistaken for the pairs that this file makes, or for no key at all, count by their hash. */
const PLAIN_NAME = /^(?!(host|alert)$)[a-zA-Z_][a-zA-Z0-9_]*$/;

function entityOf(labels: ReadonlyMap<string, string>, hasAlarmId: boolean): string {
  const alertname = labels.get('alertname');
  const alert = alertname === undefined ? [] : [`alert=${encoded(alertname)}`];
  const entity = labels.get('entity_instance_id');
  if (entity !== undefined && isEntity(entity)) return hasAlarmId ? entity : fitted([entity, ...alert], labels);
  const { host, port } = splitInstance(labels.get('instance'));
  const others = [...labels]
    .filter(([name]) => !PLACED.has(name) && !(hasAlarmId && name === 'alarm_id'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const pairs = [
    ...(host === undefined ? [] : [`host=${encoded(host)}`]),
    ...alert,
    ...(port === undefined ? [] : [`instance-port=${port}`]),
    ...others.filter(([name]) => PLAIN_NAME.test(name)).map(([name, value]) => `${name}=${encoded(value)}`),
  ];
  const isWhole = pairs.length > 0 && others.every(([name]) => PLAIN_NAME.test(name));
  return fitted(pairs, labels, !isWhole);
}

const isEntity = (text: string): boolean =>
  text.length <= MAX_ENTITY && !/[\p{Cc}\p{Cs}]/u.test(text) && parseEntityInstance(text) !== null;

/** `compute-0:9100` and `[fd00::1]:9100`; anything else is all host. */
function splitInstance(instance: string | undefined): { readonly host?: string; readonly port?: string } {
  if (instance === undefined) return {};
  const split = /^(?:\[([^\]]*:[^\]]*)\]|([^:]+)):(\d+)$/.exec(instance);
  const host = split?.[1] ?? split?.[2];
  return split && host ? { host, port: split[3]! } : { host: instance };
}

/** What does not fit, or has no place, is stood for by a hash of all labels that tell alerts apart. */
function fitted(pairs: readonly string[], labels: ReadonlyMap<string, string>, hashed = false): string {
  const whole = pairs.join('.');
  if (!hashed && whole.length <= MAX_ENTITY) return whole;
  const telling = [...labels].filter(([name]) => name !== 'prometheus_replica').sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = `label-hash=${createHash('sha256').update(JSON.stringify(telling)).digest('hex').slice(0, 16)}`;
  let kept = '';
  for (const pair of pairs) {
    if (kept.length + pair.length + hash.length + 1 > MAX_ENTITY) break;
    kept += `${pair}.`;
  }
  return kept + hash;
}

/** One to one: what would read as another pair, or not be stored, stands as its code: `%3D`. */
const encoded = (value: string): string =>
  value.replace(/[%=\p{Cc}\p{Cs}]/gu, codeOf).replace(/\.(?=(ntp|ptp)$)/, codeOf); // `.ntp` would read as a component

function codeOf(char: string): string {
  const code = char.codePointAt(0)!.toString(16).toUpperCase();
  return code.length > 2 ? `%u${code}` : `%${code.padStart(2, '0')}`; // four digits: only surrogates are that long
}

function reasonOf(labels: ReadonlyMap<string, string>, annotations: AlertText['annotations']): string {
  const { summary, description, message } = annotations;
  const said = [...new Set([summary, description ?? message].filter(Boolean))];
  const text = said.length > 0 ? said.join(': ') : `Alert ${labels.get('alertname') ?? 'without a name'} is firing`;
  const word = labels.get('severity');
  const reason = (severityOf(word) === undefined ? `${text} (severity ${word})` : text).replace(
    /[\0\p{Cs}]/gu,
    '\uFFFD',
  );
  return reason.length <= MAX_REASON ? reason : `${reason.slice(0, MAX_REASON - 1).replace(/\p{Cs}$/u, '')}…`;
}

const wordsOf = ({ path, message }: UserError): string => `${path?.at(-1) ?? 'alert'}: ${message}`;
