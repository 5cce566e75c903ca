// Which open alarms explain others of the same region: a host that is locked or lost explains what is reported of its
// ports, sensors and services. The rule as a function and as SQL, side by side; nothing is stored, so nothing gets stale.
//
// The table follows from the catalogue: an alarm of a whole host explains the rest of that host when it inhibits
// (200.001), or when maintenance takes the host out of service for it (service affecting, critical, auto recovery).
// The first explains all that follow, never the other way: so there are no cycles. An alarm that is hidden itself
// (suppressed, masked, under maintenance) explains nothing, as nobody would see either of the two.

/** What the rule looks at; rows of older regions have no marks. */
export interface Correlated {
  readonly alarmId: string;
  readonly severity: string;
  readonly entityInstanceId: string;
  readonly hostname: string | null;
  readonly suppressed?: boolean;
  readonly masked?: boolean;
  readonly inMaintenance?: boolean;
  readonly clearedAt: string | null;
}

/** At any severity. */
const LOCKED = '200.001';

/** When critical: below that, 200.005 and 200.009 say that heartbeats are lost now and then, and the host still works. */
const LOST: readonly string[] = ['200.004', '200.005', '200.009', '200.011'];

/** First those that explain the others. */
export const HOST_CAUSES: readonly string[] = [LOCKED, ...LOST];

/** Explains nothing. */
export const NO_CAUSE = 9;

/** The less, the more it explains: 1 to 5, else NO_CAUSE. */
export function rankOf({ alarmId, severity, entityInstanceId, hostname }: Correlated): number {
  if (hostname === null || entityInstanceId !== `host=${hostname}`) return NO_CAUSE;
  if (alarmId !== LOCKED && severity !== 'CRITICAL') return NO_CAUSE;
  const place = HOST_CAUSES.indexOf(alarmId);
  return place < 0 ? NO_CAUSE : place + 1;
}

/** `rankOf` of a row with the columns of that name. */
export const rankSql = (row: string): string =>
  `case when ${row}.hostname is null or ${row}.entity_instance_id <> ('host=' || ${row}.hostname) then ${NO_CAUSE}
   when ${row}.alarm_id <> '${LOCKED}' and ${row}.severity <> 'CRITICAL' then ${NO_CAUSE}
   else coalesce(array_position(array[${quoted(HOST_CAUSES)}], ${row}.alarm_id), ${NO_CAUSE}) end`;

export const quoted = (texts: readonly string[]): string => texts.map(text => `'${text}'`).join(', ');

/** Whether it is there to explain anything: open, and not hidden. */
export const isSeen = ({ clearedAt, suppressed, masked, inMaintenance }: Correlated): boolean =>
  clearedAt === null && !suppressed && !masked && !inMaintenance;

/** `isSeen` of the row of an open alarm. */
export const seenSql = (row: string): string =>
  `not ${row}.suppressed and not ${row}.masked and not ${row}.in_maintenance`;

/** The one of these alarms of the same region that explains most, this one among others; null when none does. */
export function rootCauseOf<C extends Correlated>(alarm: Correlated, candidates: readonly C[]): C | null {
  if (alarm.clearedAt !== null) return null;
  const explaining = candidates.filter(
    cause => isSeen(cause) && cause.hostname === alarm.hostname && rankOf(cause) < rankOf(alarm),
  );
  return explaining.sort((a, b) => rankOf(a) - rankOf(b))[0] ?? null;
}
