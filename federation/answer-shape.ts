// The shape of a part of a client's answer: which keys in which order, which values, where null may stand. The centre tells
// it to an edge door, which writes the text that the client gets, and checks by it what comes back. Plain JSON.
import { z } from 'zod';
import type { LeafKind } from './leaf-text.ts';

export type ValueShape = { readonly isRequired?: true } & (
  | { readonly leaf: LeafKind }
  | { readonly values: readonly string[] }
  | { readonly list: ValueShape }
  | { readonly fields: readonly FieldShape[] }
);

export type FieldShape =
  | {
      /** In the answer. */
      readonly name: string;
      /** In the data, when it is another. */
      readonly from?: string | undefined;
      readonly value: ValueShape;
    }
  | { readonly name: string /** `__typename`: the type is known. */; readonly typename: string };

/**
 * An answer in shape: for each object, in order, its id and the text of each field: `["edge-1",{...},null]`. A door gives
 * it only when nothing failed and no value has a flaw; else it answers the data as it is.
 */
export const SHAPED_HEAD = '{"data":{"shaped":[';
export const SHAPED_END = ']}}';

/** Bounds of what a door takes. */
export const MOST_SHAPE_FIELDS = 1_000;
export const LONGEST_SHAPE = 200_000; // characters of its text
const MOST_NAMES = 10_000;
const MOST_LEVELS = 400; // of JSON; one of a selection is four, with a list five

const Name = z.string().min(1).max(1_000);
const isRequired = z.literal(true).optional();
const Fields = z
  .array(
    z.lazy(
      (): z.ZodType =>
        z.union([
          z.strictObject({ name: Name, from: Name.optional(), value: Value }),
          z.strictObject({ name: Name, typename: Name }),
        ]),
    ),
  )
  .max(MOST_SHAPE_FIELDS);
const Value: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ isRequired, leaf: z.enum(['Int', 'Float', 'Boolean', 'ID', 'String', 'Any']) }),
    z.strictObject({ isRequired, values: z.array(Name).max(MOST_NAMES) }),
    z.strictObject({ isRequired, list: Value }),
    z.strictObject({ isRequired, fields: Fields }),
  ]),
);

/** The fields of the objects at which a lane begins. Throws ZodError or SyntaxError. */
export function readShape(text: string): readonly FieldShape[] {
  const shape: unknown = JSON.parse(text);
  if (!isWithin(shape, MOST_LEVELS)) throw new SyntaxError('the shape is nested too deeply');
  return Fields.parse(shape) as readonly FieldShape[];
}

const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every(below => isWithin(below, levels - 1)));
