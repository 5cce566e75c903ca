// Part of merged migrations: never edited. Changes are only ever read whole: `json` keeps them as they were written, while
// `jsonb` takes each apart at its insert.
export const OUTBOX_AS_JSON = 'alter table outbox alter column "row" type json using "row"::json;';
export const OUTBOX_AS_JSONB = 'alter table outbox alter column "row" type jsonb using "row"::jsonb;';
