// Checks what comes in on suppressions beyond what the SDL can say.
import { z } from 'zod';
import { alarmId, by, entityInstanceId, requiredText } from '../alarms/alarm-input.ts';

/** `now` is when it is checked: what ends in the past would hide nothing. */
export const suppressChecks = (now: Date) =>
  z.object({
    alarmId,
    entityPattern: entityInstanceId.nullish(),
    reason: requiredText,
    by,
    until: z
      .date()
      .refine(until => until > now, 'until must lie ahead.')
      .nullish(),
  });

export const UnsuppressChecks = z.object({ by });
