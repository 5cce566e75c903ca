// The parts of Kubernetes' objects that are read, checked as they come in. Lists and watches write times differently.
import { z } from 'zod';

const labels = z.record(z.string(), z.string()).default({});
const instant = z.coerce.date().transform(date => date.toISOString());

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string(),
  resourceVersion: z.string().default(''),
  labels: labels.nullish().transform(value => value ?? {}),
  annotations: labels.nullish().transform(value => value ?? {}),
  creationTimestamp: instant.nullish(),
  deletionTimestamp: instant.nullish(),
  ownerReferences: z
    .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
    .nullish(),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTransitionTime: instant.nullish(),
});

export const NodeObject = z.object({
  metadata,
  spec: z.object({ unschedulable: z.boolean().nullish() }).nullish(),
  status: z
    .object({
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).nullish(),
      conditions: z.array(condition).nullish(),
      nodeInfo: z.object({ kubeletVersion: z.string() }).nullish(),
    })
    .nullish(),
});

const selector = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() }))
    .nullish(),
});

const container = z.object({
  resources: z
    .object({
      requests: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).nullish(),
      limits: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).nullish(),
    })
    .nullish(),
});

export const PodObject = z.object({
  metadata,
  spec: z.object({
    nodeName: z.string().nullish(),
    containers: z.array(container).default([]),
    affinity: z
      .object({
        podAntiAffinity: z
          .object({
            requiredDuringSchedulingIgnoredDuringExecution: z
              .array(z.object({ topologyKey: z.string(), labelSelector: selector.nullish() }))
              .nullish(),
          })
          .nullish(),
      })
      .nullish(),
  }),
  status: z
    .object({
      phase: z.string().nullish(),
      startTime: instant.nullish(),
      conditions: z.array(condition).nullish(),
      containerStatuses: z
        .array(
          z.object({
            state: z.object({ waiting: z.object({ reason: z.string().nullish() }).nullish() }).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

export const BudgetObject = z.object({
  metadata,
  spec: z.object({ selector: selector.nullish() }).nullish(),
  status: z.object({ desiredHealthy: z.number().int().nullish() }).nullish(),
});

export type NodeObject = z.output<typeof NodeObject>;
export type PodObject = z.output<typeof PodObject>;
export type BudgetObject = z.output<typeof BudgetObject>;
export type Selector = z.output<typeof selector>;

/** As Kubernetes has it: nothing said selects everything, no selector at all nothing. */
export function selects(chosen: Selector | null | undefined, given: Readonly<Record<string, string>>): boolean {
  if (!chosen) return false;
  const equal = Object.entries(chosen.matchLabels ?? {}).every(([key, value]) => given[key] === value);
  return equal && (chosen.matchExpressions ?? []).every(expression => holds(expression, given));
}

type Expression = NonNullable<Selector['matchExpressions']>[number];

function holds({ key, operator, values }: Expression, given: Readonly<Record<string, string>>): boolean {
  const value = given[key];
  const isOne = value !== undefined && (values ?? []).includes(value);
  if (operator === 'In') return isOne;
  if (operator === 'NotIn') return !isOne;
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
}
