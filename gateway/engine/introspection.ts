// Answers `__schema` and `__type` by graphql-js on the public schema; everything else of an operation is planned.
import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ClientOperation } from './selection.ts';

const INTROSPECTION = new Set(['__schema', '__type']);

type Keep = (fieldName: string) => boolean;

/** Only the root fields of one kind, with the fragments of the root opened as far as they hold some. */
function rootOnly(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  keep: Keep,
): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keep(selection.name.value) ? [selection] : [];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (!fragment) return [];
    const below = rootOnly(fragment.selectionSet, fragments, keep);
    if (below.selections.length === 0) return [];
    const { typeCondition } = fragment;
    const directives = selection.directives ?? [];
    return [
      { kind: Kind.INLINE_FRAGMENT, ...(typeCondition ? { typeCondition } : {}), directives, selectionSet: below },
    ];
  });
  return { kind: Kind.SELECTION_SET, selections };
}

/** Root fields that subgraphs answer. */
export const isPlanned = (fieldName: string): boolean => fieldName !== '__typename' && !INTROSPECTION.has(fieldName);

export type Introspection = (variables: Readonly<Record<string, unknown>>) => ExecutionResult;

/** Null when the operation does not introspect. */
export function introspection(schema: GraphQLSchema, { operation, fragments }: ClientOperation): Introspection | null {
  const selectionSet = rootOnly(operation.selectionSet, fragments, name => INTROSPECTION.has(name));
  if (selectionSet.selections.length === 0) return null;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, selectionSet }, ...fragments.values()],
  };
  return variableValues => executeSync({ schema, document, variableValues: { ...variableValues } });
}
