// An event as it stands in the queue and in its file: something that happened once and must be told once, in order.
// Levels (usage, heartbeats, hardware) are no events: of those the newest wins, and they never come in here.
import { z } from 'zod';

const QueuedEvent = z.object({
  /** Place in the queue; grows for ever, over restarts too. */
  n: z.int().min(1),
  /** The region takes an event with the same key once, however often it is sent. */
  key: z.string().min(1),
  operation: z.enum(['raiseAlarm', 'clearAlarm', 'reportEvent']),
  input: z.record(z.string(), z.unknown()),
});

export type QueuedEvent = z.output<typeof QueuedEvent>;
export type NewEvent = Pick<QueuedEvent, 'operation' | 'input'>;

export const lineOf = (event: QueuedEvent): string => `${JSON.stringify(event)}\n`;

/** Null for what is no event: the half of a line that a killed agent left behind. */
export function readLine(line: string): QueuedEvent | null {
  try {
    return QueuedEvent.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null; // not JSON: see above
  }
}
