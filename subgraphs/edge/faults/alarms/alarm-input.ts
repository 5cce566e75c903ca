// Checks what comes in beyond what the SDL can say: lengths and formats.
import { z } from 'zod';
import { parseEntityInstance } from './entity-instance.ts';

const MAX_ENTITY = 255; // StarlingX's column
const MAX_TEXT = 1_000;

const alarmId = z.string().regex(/^\d{3}\.\d{3}$/, 'An alarmId is three digits, a dot and three digits: 100.101.');
const entityInstanceId = z
  .string()
  .max(MAX_ENTITY, `An entity instance has at most ${MAX_ENTITY} characters.`)
  .refine(
    text => parseEntityInstance(text) !== null,
    'An entity instance is dotted key=value pairs: host=compute-0.filesystem=/var.',
  );
const text = z.string().max(MAX_TEXT, `At most ${MAX_TEXT} characters.`);

export const RaiseAlarmChecks = z.object({ alarmId, entityInstanceId, reasonText: text.nullish() });

export const CommentChecks = z.object({ comment: text.nullish() });

export const ClearAlarmChecks = z
  .object({
    id: z.string().nullish(),
    region: z.string().nullish(),
    alarmId: alarmId.nullish(),
    entityInstanceId: entityInstanceId.nullish(),
  })
  .refine(
    input =>
      input.id
        ? !input.alarmId && !input.entityInstanceId
        : Boolean(input.region && input.alarmId && input.entityInstanceId),
    'Name the alarm either by id, or by region, alarmId and entityInstanceId.',
  );
