// The floor of the feed bench's latency: one insert and its NOTIFY, committed together.
import type pg from 'pg';

export const CHANNEL = 'bench_feed';

export async function makeFloorTable(client: pg.Client): Promise<void> {
  await client.query('create table bench_event (id bigserial primary key, at timestamptz default now(), alarm jsonb)');
}

export async function insertAndNotify(client: pg.Client, alarm: string, key: string): Promise<void> {
  await client.query({
    name: 'bench-insert',
    text: `with inserted as (insert into bench_event (alarm) values ($1) returning id) select pg_notify($2, $3) from inserted`,
    values: [alarm, CHANNEL, key],
  });
}
