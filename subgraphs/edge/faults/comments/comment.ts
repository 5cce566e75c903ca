// What people wrote to an alarm, kept as long as the alarm itself: the history may be shorter than an alarm is open.
import { EntitySchema } from 'typeorm';

export interface CommentRow {
  /** Local id of the alarm. */
  readonly alarm: string;
  /** Number of the change that brought it. */
  readonly sequence: string;
  readonly at: string;
  readonly by: string | null;
  readonly text: string;
}

export const MAX_COMMENTS = 100; // of one alarm; the oldest go

export const CommentEntity = new EntitySchema<CommentRow>({
  name: 'AlarmComment',
  tableName: 'alarm_comment',
  columns: {
    alarm: { type: 'uuid', primary: true, primaryKeyConstraintName: 'alarm_comment_pk' },
    sequence: { type: 'bigint', primary: true, primaryKeyConstraintName: 'alarm_comment_pk' },
    at: { type: 'timestamptz', precision: 3 },
    by: { type: 'text', nullable: true },
    text: { type: 'text' },
  },
  foreignKeys: [
    {
      target: 'Alarm',
      columnNames: ['alarm'],
      referencedColumnNames: ['id'],
      name: 'alarm_comment_alarm_fk',
      onDelete: 'CASCADE',
    },
  ],
});
