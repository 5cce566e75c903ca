// Which fields a fetch asks for at its top: they say what it provides, and which fields miss when it gets no answer.
import {
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
  rootFields(): FieldNode[];
  /** Fields below one root field, of one type or of all. */
  fieldsBelow(rootName: string, typename?: string): FieldNode[];
  /** Response names of the fields at the end of a way of response names, of whatever type. */
  namesBelow(way: readonly string[]): ReadonlySet<string>;
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
  const fieldsIn = (set: SelectionSetNode, typename?: string): FieldNode[] =>
    set.selections.flatMap(selection => {
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) return [];
      const condition = fragment.typeCondition?.name.value;
      if (typename !== undefined && condition !== undefined && condition !== typename) return [];
      return fieldsIn(fragment.selectionSet, typename);
    });
  return {
    document,
    operation,
    rootFields: () => fieldsIn(selectionSet),
    fieldsBelow: (rootName, typename) =>
      fieldsIn(selectionSet)
        .filter(field => responseName(field) === rootName && field.selectionSet)
        .flatMap(field => fieldsIn(field.selectionSet!, typename)),
    namesBelow: way => {
      let fields = fieldsIn(selectionSet);
      for (const name of way)
        fields = fields.flatMap(field =>
          responseName(field) === name && field.selectionSet ? fieldsIn(field.selectionSet) : [],
        );
      return new Set(fields.map(responseName));
    },
  };
}
