// The operations that agents speak, with the part of each answer that they read. Nothing else in the agent knows GraphQL.
import { z } from 'zod';

export type Service = 'inventory' | 'faults' | 'software';

export interface Operation<Answer> {
  readonly service: Service;
  /** The mutation's field; logs use it too. */
  readonly name: string;
  readonly query: string;
  /** Reads the value of the field. */
  readonly answer: z.ZodType<Answer>;
}

const userErrors = z.array(z.object({ code: z.string(), message: z.string() }));
export type UserError = z.output<typeof userErrors>[number];

/** A kind that this release does not know is refused, not misread. */
const hostTask = z.object({ id: z.string(), host: z.string(), kind: z.string() });
export type HostTask = z.output<typeof hostTask>;

export const REPORT_HOST = {
  service: 'inventory',
  name: 'reportHost',
  query: `mutation AgentReportHost($input: ReportHostInput!) {
    reportHost(input: $input) { host { id } userErrors { code message } }
  }`,
  answer: z.object({ host: z.object({ id: z.string() }).nullable(), userErrors }),
} satisfies Operation<unknown>;

export const REPORT_HEARTBEATS = {
  service: 'inventory',
  name: 'reportHeartbeats',
  query: `mutation AgentReportHeartbeats($input: ReportHeartbeatsInput!) {
    reportHeartbeats(input: $input) { unknown tasks { id host kind } }
  }`,
  answer: z.object({ unknown: z.array(z.string()), tasks: z.array(hostTask).default([]) }),
} satisfies Operation<unknown>;

export const REPORT_TASK = {
  service: 'inventory',
  name: 'reportTask',
  query: `mutation AgentReportTask($input: ReportTaskInput!) {
    reportTask(input: $input) { userErrors { code message } }
  }`,
  answer: z.object({ userErrors }),
} satisfies Operation<unknown>;

export const REPORT_HOST_CHECKS = {
  service: 'inventory',
  name: 'reportHostChecks',
  query: `mutation AgentReportHostChecks($input: ReportHostChecksInput!) {
    reportHostChecks(input: $input) { unknown userErrors { code message } }
  }`,
  answer: z.object({ unknown: z.array(z.string()), userErrors }),
} satisfies Operation<unknown>;

export const REPORT_USAGE = {
  service: 'faults',
  name: 'reportUsage',
  query: `mutation AgentReportUsage($input: ReportUsageInput!) {
    reportUsage(input: $input) { userErrors { code message } }
  }`,
  answer: z.object({ userErrors }),
} satisfies Operation<unknown>;

export const RAISE_ALARM = {
  service: 'faults',
  name: 'raiseAlarm',
  query: `mutation AgentRaiseAlarm($input: RaiseAlarmInput!) {
    raiseAlarm(input: $input) { userErrors { code message } }
  }`,
  answer: z.object({ userErrors }),
} satisfies Operation<unknown>;

export const CLEAR_ALARM = {
  service: 'faults',
  name: 'clearAlarm',
  query: `mutation AgentClearAlarm($input: ClearAlarmInput!) {
    clearAlarm(input: $input) { userErrors { code message } }
  }`,
  answer: z.object({ userErrors }),
} satisfies Operation<unknown>;

export const REPORT_EVENT = {
  service: 'faults',
  name: 'reportEvent',
  query: `mutation AgentReportEvent($input: ReportEventInput!) {
    reportEvent(input: $input) { userErrors { code message } }
  }`,
  answer: z.object({ userErrors }),
} satisfies Operation<unknown>;

export const REPORT_HOST_SOFTWARE = {
  service: 'software',
  name: 'reportHostSoftware',
  query: `mutation AgentReportHostSoftware($input: ReportHostSoftwareInput!) {
    reportHostSoftware(input: $input) { userErrors { code message } }
  }`,
  answer: z.object({ userErrors }),
} satisfies Operation<unknown>;
