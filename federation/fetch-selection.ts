// Which fields a fetch asks for at its top: they say what it provides, and which fields miss when it gets no answer.
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';

export type Variables = Readonly<Record<string, unknown>>;

export interface FetchSelection {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Root fields; skipped ones are left out when variables are given. */
  rootFields(variables?: Variables): FieldNode[];
  /** Fields below one root field, of one type or of all; without `__typename`. */
  fieldsBelow(rootName: string, typename?: string, variables?: Variables): FieldNode[];
}

export const responseName = (field: FieldNode): string => field.alias?.value ?? field.name.value;

export function fetchSelection(text: string): FetchSelection {
  const document = parse(text, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  if (!operation) throw new Error('a planned fetch without an operation');
  const { selectionSet } = operation;
  const fieldsIn = (set: SelectionSetNode, typename?: string, variables?: Variables): FieldNode[] =>
    set.selections.flatMap(selection => {
      if (variables && isLeftOut(selection.directives, variables)) return [];
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) return [];
      const condition = fragment.typeCondition?.name.value;
      if (typename !== undefined && condition !== undefined && condition !== typename) return [];
      return fieldsIn(fragment.selectionSet, typename, variables);
    });
  return {
    document,
    operation,
    rootFields: variables => fieldsIn(selectionSet, undefined, variables),
    fieldsBelow: (rootName, typename, variables) =>
      fieldsIn(selectionSet)
        .filter(field => responseName(field) === rootName && field.selectionSet)
        .flatMap(field => fieldsIn(field.selectionSet!, typename, variables)),
  };
}

function isLeftOut(directives: readonly DirectiveNode[] | undefined, variables: Variables): boolean {
  return (directives ?? []).some(({ name, arguments: given }) => {
    if (name.value !== 'skip' && name.value !== 'include') return false;
    const value = given?.[0]?.value;
    const isTrue =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    return isTrue === (name.value === 'skip');
  });
}
