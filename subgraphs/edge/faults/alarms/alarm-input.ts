// Checks what comes in beyond what the SDL can say: lengths and formats.
import { z } from 'zod';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import { parseEntityInstance } from './entity-instance.ts';

const MAX_ENTITY = 255; // StarlingX's column
const MAX_TEXT = 1_000;
const MAX_NAME = 255;
export const MAX_ITEMS = 1_000; // of a call on many alarms or events: bounds one transaction

/** PostgreSQL does not take the character U+0000 in a text. */
const plain = (most: number) =>
  z
    .string()
    .max(most, `At most ${most.toLocaleString('en-US')} characters.`)
    .refine(text => !text.includes('\0'), 'Must not hold the character U+0000.');

export const alarmId = z
  .string()
  .regex(/^\d{3}\.\d{3}$/, 'An alarmId is three digits, a dot and three digits: 100.101.');
export const entityInstanceId = plain(MAX_ENTITY).refine(
  text => parseEntityInstance(text) !== null,
  'An entity instance is dotted key=value pairs: host=compute-0.filesystem=/var.',
);
export const text = plain(MAX_TEXT);
export const requiredText = plain(MAX_TEXT).refine(given => given.trim() !== '', 'Must not be empty.');
export const by = plain(MAX_NAME).nullish();

export const RaiseAlarmChecks = z.object({ alarmId, entityInstanceId, reasonText: text.nullish() });

/** As before, and no event log of the catalogue: that has no state to be raised to. */
export const raiseChecks = (catalogue: Pick<Catalogue, 'find'>) =>
  RaiseAlarmChecks.extend({
    alarmId: alarmId.refine(id => catalogue.find(id)?.kind !== 'LOG', {
      error: issue => `${issue.input} is an event log in the catalogue: it has no state. Report it with reportEvent.`,
    }),
  });

export const AlarmKeyChecks = z.object({ alarmId, entityInstanceId });

/** The call as a whole; its items are checked one by one, so that a bad one is refused alone. */
export const ManyAlarmsChecks = z.object({
  alarms: z.array(z.unknown()).max(MAX_ITEMS, `At most ${MAX_ITEMS.toLocaleString('en-US')} alarms in one call.`),
});

export const AcknowledgeChecks = z.object({ comment: text.nullish(), by });

export const CommentChecks = z.object({ comment: requiredText, by });

export const ClearAlarmChecks = z
  .object({
    id: z.string().nullish(),
    region: z.string().nullish(),
    alarmId: alarmId.nullish(),
    entityInstanceId: entityInstanceId.nullish(),
    hierarchical: z.boolean().nullish(),
  })
  .refine(
    input =>
      input.id
        ? !input.alarmId && !input.entityInstanceId
        : Boolean(input.region && input.alarmId && input.entityInstanceId),
    'Name the alarm either by id, or by region, alarmId and entityInstanceId.',
  )
  .refine(input => !(input.hierarchical && input.id), {
    path: ['hierarchical'],
    message: 'A hierarchical clear goes by region, alarmId and entityInstanceId, not by id.',
  });
