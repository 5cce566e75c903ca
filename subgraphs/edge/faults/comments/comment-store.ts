// All SQL on comments.
import { rows, type Sql } from '../../../runtime/sql.ts';
import { type CommentRow, MAX_COMMENTS } from './comment.ts';

/** Keeps the comments, and of each alarm only the newest. */
export async function keepComments(sql: Sql, comments: readonly CommentRow[]): Promise<void> {
  if (comments.length === 0) return;
  await rows(
    sql,
    `/* comments.keep */ insert into alarm_comment (alarm, sequence, at, "by", text)
     select * from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[])`,
    [
      comments.map(c => c.alarm),
      comments.map(c => c.sequence),
      comments.map(c => c.at),
      comments.map(c => c.by),
      comments.map(c => c.text),
    ],
  );
  await rows(
    sql,
    `/* comments.trim */ delete from alarm_comment using (
       select alarm, sequence, row_number() over (partition by alarm order by sequence desc) as place
       from alarm_comment where alarm = any($1::uuid[])
     ) as ranked
     where ranked.alarm = alarm_comment.alarm and ranked.sequence = alarm_comment.sequence and place > $2`,
    [comments.map(c => c.alarm), MAX_COMMENTS],
  );
}

/** Newest first. */
export const findComments = (sql: Sql, alarms: readonly string[]): Promise<CommentRow[]> =>
  rows(
    sql,
    `/* comments.byAlarms */ select alarm, sequence, at, "by", text from alarm_comment where alarm = any($1::uuid[])
     order by alarm, sequence desc`,
    [alarms],
  );
