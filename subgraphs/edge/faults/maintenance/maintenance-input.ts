// Checks what comes in on maintenance windows beyond what the SDL can say.
import { z } from 'zod';
import { by, entityInstanceId, requiredText } from '../alarms/alarm-input.ts';

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 31; // what hides everything for longer is forgotten, not maintained
const FARTHEST_DAYS = 366;

/** A `from` that is over, or left out, is now. */
export const beginOf = (from: Date | null | undefined, now: Date): Date => (from && from > now ? from : now);

export const startChecks = (now: Date) =>
  z
    .object({
      entityPattern: entityInstanceId.nullish(),
      from: z
        .date()
        .refine(from => from.getTime() <= now.getTime() + FARTHEST_DAYS * DAY_MS, {
          error: `from must lie within the next ${FARTHEST_DAYS} days.`,
        })
        .nullish(),
      until: z.date(),
      reason: requiredText,
      by,
    })
    .superRefine(({ from, until }, found) => {
      const length = until.getTime() - beginOf(from, now).getTime();
      if (length <= 0)
        found.addIssue({ code: 'custom', path: ['until'], message: 'until must lie ahead, and after from.' });
      if (length > LONGEST_DAYS * DAY_MS)
        found.addIssue({
          code: 'custom',
          path: ['until'],
          message: `A window lasts ${LONGEST_DAYS} days at most: plan the next one for what comes after.`,
        });
    });

export const EndChecks = z.object({ by });
