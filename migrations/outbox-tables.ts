// The tables that every edge subgraph begins with. Part of merged migrations: never edited, a change is a new migration.
export const CREATE_OUTBOX = `
  create table outbox (
    sequence bigint not null,
    at timestamptz(3) not null,
    kind text not null,
    entity_id text not null,
    "row" jsonb not null,
    constraint outbox_pk primary key (sequence)
  );
  create table outbox_head (
    one boolean not null default true,
    sequence bigint not null,
    epoch uuid not null default gen_random_uuid(),
    constraint outbox_head_pk primary key (one)
  );
  insert into outbox_head (sequence) values (0);
  create table idempotency (
    key text not null,
    operation text not null,
    input text not null,
    answer jsonb not null,
    at timestamptz(3) not null default now(),
    constraint idempotency_pk primary key (key)
  );
`;

export const DROP_OUTBOX = 'drop table idempotency; drop table outbox_head; drop table outbox;';
