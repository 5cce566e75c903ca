// Checks what comes in on events beyond what the SDL can say.
import { z } from 'zod';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import { alarmId, entityInstanceId, MAX_ITEMS, text } from '../alarms/alarm-input.ts';

const SKEW_MS = 300_000; // clocks of reporters are not ours; what is further ahead is no clock

/** `now` is when it is checked. */
export const eventChecks = (catalogue: Pick<Catalogue, 'find'>, now: Date) =>
  z.object({
    eventId: alarmId.refine(id => catalogue.find(id)?.kind !== 'ALARM', {
      error: issue => `${issue.input} is an alarm in the catalogue: it has a state. Raise it with raiseAlarm.`,
    }),
    entityInstanceId,
    reasonText: text.nullish(),
    occurredAt: z
      .date()
      .refine(at => at.getTime() <= now.getTime() + SKEW_MS, 'occurredAt must not lie ahead.')
      .nullish(),
  });

/** The call as a whole; its items are checked one by one, so that a bad one is refused alone. */
export const ManyEventsChecks = z.object({
  events: z.array(z.unknown()).max(MAX_ITEMS, `At most ${MAX_ITEMS.toLocaleString('en-US')} events in one call.`),
});
