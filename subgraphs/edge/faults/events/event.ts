// One event of the region's event log, and its table: something that happened and has no state. Partitioned by day, as the
// alarm history is. Events are the region's alone: they do not travel to the centre.
import { EntitySchema } from 'typeorm';
import type { Severity } from '../../../catalogue/catalogue.ts';

export interface EventRow {
  readonly id: string;
  /** Number in the region's own count of events, without gaps. */
  readonly sequence: string;
  readonly eventId: string;
  /** Null when neither the reporter nor the catalogue says. */
  readonly severity: Severity | null;
  readonly entityTypeId: string;
  readonly entityInstanceId: string;
  /** The host in the entity instance. */
  readonly hostname: string | null;
  readonly reasonText: string | null;
  /** By the reporter's clock. */
  readonly occurredAt: string | null;
  /** When the region took it. */
  readonly at: string;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;
const key = { primary: true, primaryKeyConstraintName: 'event_pk' } as const;

export const EventEntity = new EntitySchema<EventRow>({
  name: 'Event',
  tableName: 'event',
  columns: {
    at: { ...instant, ...key },
    sequence: { type: 'bigint', ...key },
    id: { type: 'uuid' },
    eventId: { ...text, name: 'event_id' },
    severity: optionalText,
    entityTypeId: { ...text, name: 'entity_type_id' },
    entityInstanceId: { ...text, name: 'entity_instance_id' },
    hostname: optionalText,
    reasonText: { ...optionalText, name: 'reason_text' },
    occurredAt: { ...instant, name: 'occurred_at', nullable: true },
  },
  indices: [
    { name: 'event_by_entity', columns: ['entityInstanceId', 'at', 'sequence'] },
    { name: 'event_by_event_id', columns: ['eventId', 'at', 'sequence'] },
    { name: 'event_by_host', columns: ['hostname', 'at', 'sequence'] },
  ],
});

export const EventHeadEntity = new EntitySchema<{ one: boolean; sequence: string }>({
  name: 'EventHead',
  tableName: 'event_head',
  columns: {
    one: { type: 'boolean', primary: true, primaryKeyConstraintName: 'event_head_pk', default: true },
    sequence: { type: 'bigint' },
  },
});
