// What a region's door takes: its mutations, input types and enums, read by introspection. Knows nothing of ours.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Operation, Service } from '../operations.ts';

export interface TypeRef {
  readonly kind: string;
  /** Null for lists and non-null ones. */
  readonly name: string | null;
  readonly ofType: TypeRef | null;
}

export interface KnownField {
  readonly type: TypeRef;
  /** Of a mutation: the type of its input. */
  readonly input: TypeRef | null;
}

export interface KnownType {
  readonly name: string;
  /** Of an input or an object. */
  readonly fields: ReadonlyMap<string, KnownField>;
  /** Of an enum; null for any other kind. */
  readonly values: ReadonlySet<string> | null;
}

export interface RegionSchema {
  /** The same for the same schema. */
  readonly hash: string;
  mutation(name: string): KnownField | undefined;
  type(name: string | null): KnownType | undefined;
}

const REF = 'kind name ofType { kind name ofType { kind name ofType { kind name } } }'; // `[Input!]!`
const QUERY = `query AgentLook { __schema { mutationType { name } types { name
  fields(includeDeprecated: true) { name type { ${REF} } args { name type { ${REF} } } }
  inputFields { name type { ${REF} } } enumValues(includeDeprecated: true) { name } } } }`;

const ref: z.ZodType<TypeRef> = z.lazy(() =>
  z.object({ kind: z.string(), name: z.string().nullable(), ofType: ref.nullish().transform(below => below ?? null) }),
);
const named = z.object({ name: z.string(), type: ref });
const answer = z
  .object({
    mutationType: z.object({ name: z.string() }).nullable(),
    types: z.array(
      z.object({
        name: z.string(),
        fields: z.array(named.extend({ args: z.array(named) })).nullable(),
        inputFields: z.array(named).nullable(),
        enumValues: z.array(z.object({ name: z.string() })).nullable(),
      }),
    ),
  })
  .transform(schemaOf);

/** What one asks the door of a service to learn its schema; takes no input. */
export const lookAt = (service: Service): Operation<RegionSchema> => ({
  service,
  name: '__schema',
  asks: {},
  query: QUERY,
  answer,
});

interface Told {
  readonly mutationType: { readonly name: string } | null;
  readonly types: readonly {
    readonly name: string;
    readonly fields: readonly (Named & { readonly args: readonly Named[] })[] | null;
    readonly inputFields: readonly Named[] | null;
    readonly enumValues: readonly { readonly name: string }[] | null;
  }[];
}

interface Named {
  readonly name: string;
  readonly type: TypeRef;
}

function schemaOf(told: Told): RegionSchema {
  const types = new Map(
    told.types.map(({ name, fields, inputFields, enumValues }): [string, KnownType] => {
      const outputs = (fields ?? []).map(({ name: field, type, args }): [string, KnownField] => [
        field,
        { type, input: args.find(arg => arg.name === 'input')?.type ?? null },
      ]);
      const inputs = (inputFields ?? []).map(({ name: field, type }): [string, KnownField] => [
        field,
        { type, input: null },
      ]);
      return [
        name,
        {
          name,
          fields: new Map([...outputs, ...inputs]),
          values: enumValues && new Set(enumValues.map(value => value.name)),
        },
      ];
    }),
  );
  return {
    hash: createHash('sha256').update(JSON.stringify(told)).digest('hex'),
    mutation: name => types.get(told.mutationType?.name ?? '')?.fields.get(name),
    type: name => (name === null ? undefined : types.get(name)),
  };
}
