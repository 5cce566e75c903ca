// What the centre hands to a region's edge door to run there: consecutive fetches of a plan that stay in the region, over
// the objects at which they begin. Paths begin at those objects.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LONGEST_SHAPE } from './answer-shape.ts';
import type { Fetch, FetchPlan } from './fetch-plan.ts';

/** Bounds of what a door takes. The planner stays far below them. */
const MOST_FETCHES = 64;
const MOST_SEGMENTS = 64;
const MOST_ROOTS = 20_000;
const MOST_PATHS = 64;

const Name = z.string().min(1).max(1_000);
const Segment = z.union([
  z.strictObject({ field: Name }),
  z.strictObject({ list: z.literal(true) }),
  z.strictObject({ types: z.array(Name).max(1_000) }),
]);
const Segments = z.array(Segment).max(MOST_SEGMENTS);
const Rewritten = z.union([
  z.strictObject({ path: Segments, set: Name }),
  z.strictObject({ path: Segments, rename: Name }),
]);
const Required: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ from: Name, to: Name, fields: z.array(Required).optional() }),
    z.strictObject({ types: z.array(Name).max(1_000), fields: z.array(Required) }),
  ]),
);
const PlannedFetch = z.strictObject({
  subgraph: Name,
  kind: z.literal('query'),
  operation: z.string().max(1_000_000),
  variables: z.array(Name),
  inputs: z
    .array(
      z.strictObject({
        alias: Name,
        variable: Name,
        paths: z.array(Segments).max(MOST_PATHS),
        requires: z.array(Required),
        inputRewrites: z.array(Rewritten),
        outputRewrites: z.array(Rewritten),
      }),
    )
    .max(MOST_PATHS),
  path: Segments,
  outputRewrites: z.array(Rewritten),
  after: z.array(z.int().min(0)),
});

const DoorPlan = z
  .strictObject({ fetches: z.array(PlannedFetch).min(1).max(MOST_FETCHES) })
  .refine(({ fetches }) => fetches.every(({ after }, i) => after.every(earlier => earlier < i)), {
    error: 'a fetch waits for one that is not before it',
  });

const Values = z.record(z.string(), z.unknown());

export const DoorRequest = z.strictObject({
  /** The plan as JSON text: the same text is the same plan, and compiled once. */
  plan: z.string().min(1).max(2_000_000).optional(),
  /** In place of plan and shape: their `planKey`, when the door has seen them. It answers PLAN_UNKNOWN when it has not. */
  known: z.string().length(64).optional(),
  /** As the client gave them. */
  variables: Values,
  roots: z.array(Values).min(1).max(MOST_ROOTS),
  /** What is wanted of each root in shape, as the JSON text of its fields (answer-shape.ts). */
  shape: z.string().min(1).max(LONGEST_SHAPE).optional(),
});

export type DoorRequest = z.output<typeof DoorRequest>;

/** By this a door knows again a plan that came with a shape. */
export const planKey = (plan: string, shape: string): string =>
  createHash('sha256').update(`${plan}\n${shape}`).digest('hex');

/** Throws ZodError or SyntaxError. */
export function readDoorPlan(text: string): FetchPlan {
  return DoorPlan.parse(JSON.parse(text)) as { readonly fetches: readonly Fetch[] };
}
