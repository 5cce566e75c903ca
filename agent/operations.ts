// The operations that agents speak, with the part of each answer that they read. Nothing else in the agent knows GraphQL.
import { z } from 'zod';
import { ASKED_CONFIGURATION, NodalConfiguration } from './configuration.ts';

export type Service = 'inventory' | 'faults' | 'software';

/** What is asked of an answer, field by field; null for a plain value. */
export interface Asked {
  readonly [field: string]: Asked | null;
}

export interface Operation<Answer> {
  readonly service: Service;
  /** The mutation's field; logs use it too. */
  readonly name: string;
  readonly asks: Asked;
  readonly query: string;
  /** Reads the value of the field. */
  readonly answer: z.ZodType<Answer>;
  /** What counts as its answer in a region whose release does not know it; without one that is a failure. */
  readonly unknown?: Answer;
}

export function queryOf(name: string, inputType: string, asks: Asked): string {
  const title = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  return `mutation Agent${title}($input: ${inputType}) { ${name}(input: $input) ${selectionOf(asks)} }`;
}

const selectionOf = (asks: Asked): string =>
  `{ ${Object.entries(asks)
    .map(([field, below]) => (below ? `${field} ${selectionOf(below)}` : field))
    .join(' ')} }`;

type Said<Answer> = Pick<Operation<Answer>, 'service' | 'name' | 'asks' | 'answer' | 'unknown'>;

function mutation<Answer>(said: Said<Answer>): Operation<Answer> {
  const inputType = `${said.name[0]!.toUpperCase()}${said.name.slice(1)}Input!`;
  return { ...said, query: queryOf(said.name, inputType, said.asks) };
}

const USER_ERRORS = { userErrors: { code: null, message: null } } as const;

const userErrors = z.array(z.object({ code: z.string(), message: z.string() }));
export type UserError = z.output<typeof userErrors>[number];

/** A kind that this release does not know is refused, not misread. */
const hostTask = z.object({
  id: z.string(),
  host: z.string(),
  kind: z.string(),
  configuration: NodalConfiguration.nullable().catch(null), // one that cannot be read must not cost the beat
});
export type HostTask = z.output<typeof hostTask>;

export const REPORT_HOST = mutation({
  service: 'inventory',
  name: 'reportHost',
  asks: { host: { id: null }, ...USER_ERRORS },
  answer: z.object({ host: z.object({ id: z.string() }).nullable(), userErrors }),
});

export const REPORT_HEARTBEATS = mutation({
  service: 'inventory',
  name: 'reportHeartbeats',
  asks: { unknown: null, tasks: { id: null, host: null, kind: null, configuration: ASKED_CONFIGURATION } },
  answer: z.object({ unknown: z.array(z.string()), tasks: z.array(hostTask).default([]) }),
});

export const REPORT_TASK = mutation({
  service: 'inventory',
  name: 'reportTask',
  asks: USER_ERRORS,
  answer: z.object({ userErrors }),
});

export const REPORT_HOST_CHECKS = mutation({
  service: 'inventory',
  name: 'reportHostChecks',
  asks: { unknown: null, ...USER_ERRORS },
  answer: z.object({ unknown: z.array(z.string()), userErrors }),
  unknown: { unknown: [], userErrors: [] },
});

export const REPORT_USAGE = mutation({
  service: 'faults',
  name: 'reportUsage',
  asks: USER_ERRORS,
  answer: z.object({ userErrors }),
});

export const RAISE_ALARM = mutation({
  service: 'faults',
  name: 'raiseAlarm',
  asks: USER_ERRORS,
  answer: z.object({ userErrors }),
});

export const CLEAR_ALARM = mutation({
  service: 'faults',
  name: 'clearAlarm',
  asks: USER_ERRORS,
  answer: z.object({ userErrors }),
});

export const REPORT_EVENT = mutation({
  service: 'faults',
  name: 'reportEvent',
  asks: USER_ERRORS,
  answer: z.object({ userErrors }),
  unknown: { userErrors: [] },
});

export const REPORT_HOST_SOFTWARE = mutation({
  service: 'software',
  name: 'reportHostSoftware',
  asks: USER_ERRORS,
  answer: z.object({ userErrors }),
});
