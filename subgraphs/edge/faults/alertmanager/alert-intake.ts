// Brings the region's alarms to what one payload of alerts says, all or nothing, and counts what that changed.

import { type Catalogue, isWorse } from '../../../catalogue/catalogue.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import type { Raise } from '../alarms/alarm-lifecycle.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import { mapAlert } from './alert-mapping.ts';
import type { Alert } from './webhook-payload.ts';

/** Alarms, not alerts: several alerts that name the same alarm count once. */
export interface IntakeCounts {
  readonly raised: number;
  readonly changed: number;
  readonly cleared: number;
  readonly unchanged: number;
  readonly refused: readonly Refused[];
}

interface Refused {
  readonly fingerprint: string;
  readonly reason: string;
}

export interface Wish {
  readonly raise: Raise;
  readonly firing: boolean;
}

export async function takeAlerts(
  alarms: Pick<AlarmService, 'settle'>,
  catalogue: Pick<Catalogue, 'find'>,
  alerts: readonly Alert[],
): Promise<IntakeCounts> {
  const { wishes, refused } = wishesOf(alerts, catalogue);
  const verdicts = new Map<Wish, Verdict>();
  await alarms.settle(
    wishes.map(wish => ({
      key: wish.raise,
      // asked again inside the transaction when there is something to write: the last answer is the one that counts
      decide: open => {
        const verdict = verdictOf(open, wish);
        verdicts.set(wish, verdict);
        if (verdict === 'unchanged') return 'keep';
        return wish.firing ? wish.raise : null;
      },
    })),
  );
  const count = (wanted: Verdict): number => [...verdicts.values()].filter(verdict => verdict === wanted).length;
  return {
    raised: count('raised'),
    changed: count('changed'),
    cleared: count('cleared'),
    unchanged: count('unchanged'),
    refused,
  };
}

type Verdict = 'raised' | 'changed' | 'cleared' | 'unchanged';

function verdictOf(open: AlarmRow | null, { raise, firing }: Wish): Verdict {
  if (!firing) return open === null ? 'unchanged' : 'cleared';
  if (open === null) return 'raised';
  return open.severity === raise.severity && open.reasonText === raise.reasonText ? 'unchanged' : 'changed';
}

/** What each alarm should be. Of one fingerprint the last alert counts; of one alarm firing wins, and the worst. */
export function wishesOf(
  alerts: readonly Alert[],
  catalogue: Pick<Catalogue, 'find'>,
): { readonly wishes: Wish[]; readonly refused: Refused[] } {
  const wishes = new Map<string, Wish>();
  const refused: Refused[] = [];
  for (const alert of new Map(alerts.map(each => [each.fingerprint, each])).values()) {
    const mapped = mapAlert(alert, catalogue);
    if ('refusal' in mapped) {
      refused.push({ fingerprint: alert.fingerprint, reason: mapped.refusal });
      continue;
    }
    const wish = { raise: mapped.raise, firing: alert.status === 'firing' };
    const key = `${wish.raise.alarmId} ${wish.raise.entityInstanceId}`;
    const known = wishes.get(key);
    if (!known || wins(wish, known)) wishes.set(key, wish);
  }
  return { wishes: [...wishes.values()], refused };
}

/** The text decides between equals, so that a resend in another order changes nothing. */
function wins(wish: Wish, over: Wish): boolean {
  if (wish.firing !== over.firing) return wish.firing;
  if (wish.raise.severity !== over.raise.severity) return isWorse(wish.raise.severity, over.raise.severity);
  return (wish.raise.reasonText ?? '') < (over.raise.reasonText ?? '');
}
