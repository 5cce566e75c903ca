// Many alarms in one call: a result per item in the order given, a bad item refused alone. The same alarm twice is
// handled in order. The number of statements does not depend on the number of items.
import type { z } from 'zod';
import { inputErrors } from '../../../runtime/checked-input.ts';
import type { AlarmRow } from './alarm.ts';
import { keyText } from './alarm-commands.ts';
import type { Outcome } from './alarm-lifecycle.ts';
import type { AlarmKey } from './alarm-store.ts';
import { type AlarmPayload, type AlarmWriter, refused } from './alarm-writer.ts';

export interface BulkDeps<Item extends AlarmKey> {
  readonly items: readonly Item[];
  readonly checks: z.ZodType;
  /** Sees the items that are sound: the newest alarms with their keys, and how to decide. */
  look(sound: readonly Item[]): Promise<Look<Item>>;
  readonly writer: AlarmWriter;
}

export interface Look<Item> {
  readonly known: readonly AlarmRow[];
  decide(known: AlarmRow | null, item: Item): Outcome;
}

export async function carryOutAll<Item extends AlarmKey>(deps: BulkDeps<Item>): Promise<AlarmPayload[]> {
  const problems = deps.items.map((item, i) => inputErrors(deps.checks, item, ['input', 'alarms', String(i)]));
  const sound = deps.items.filter((_, i) => problems[i]!.length === 0);
  const { known, decide } = await deps.look(sound);
  const newest = new Map(known.map(alarm => [keyText(alarm), alarm]));
  return deps.items.map((item, i) => {
    if (problems[i]!.length > 0) return refused(...problems[i]!);
    const { alarm, userErrors } = deps.writer.add(decide(newest.get(keyText(item)) ?? null, item));
    if (alarm) newest.set(keyText(item), alarm);
    return { alarm, userErrors: userErrors.map(error => ({ ...error, path: ['input', 'alarms', String(i)] })) };
  });
}
