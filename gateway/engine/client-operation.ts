// The operation of a client's document that is to run, with the fragments that it uses.
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { badInput } from '../../schema/errors.ts';
import type { ClientOperation } from './selection.ts';

/** Throws BAD_USER_INPUT when the document has no such operation. */
export function operationOf(document: DocumentNode, operationName: string | null | undefined): ClientOperation {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const named = operations.filter(({ name }) => !operationName || name?.value === operationName);
  const [operation] = named;
  if (!operation) throw badInput(`The document has no operation named ${JSON.stringify(operationName)}.`);
  if (named.length > 1) throw badInput('The document has several operations: name one by operationName.');
  return { operation, fragments: usedBy(operation.selectionSet, fragments) };
}

export function usedBy(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Map<string, FragmentDefinitionNode> {
  const used = new Map<string, FragmentDefinitionNode>();
  const collect = (node: SelectionSetNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment || used.has(name.value)) return;
        used.set(name.value, fragment);
        collect(fragment.selectionSet);
      },
    });
  };
  collect(set);
  return used;
}

/** Variables that decide @skip and @include anywhere in the operation, in a fixed order. */
export function conditionVariables({ operation, fragments }: ClientOperation): string[] {
  const names = new Set<string>();
  for (const node of [operation, ...fragments.values()])
    visit(node, {
      Directive: ({ name, arguments: given }) => {
        const value = given?.[0]?.value;
        if ((name.value === 'skip' || name.value === 'include') && value?.kind === Kind.VARIABLE)
          names.add(value.name.value);
      },
    });
  return [...names].sort();
}

/** A document of this operation alone. Variables that it no longer uses are left out. */
export function documentOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): DocumentNode {
  const used = usedBy(operation.selectionSet, fragments);
  const variables = new Set<string>();
  for (const node of [operation.selectionSet, ...(operation.directives ?? []), ...used.values()])
    visit(node, { Variable: ({ name }) => void variables.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    variables.has(variable.name.value),
  );
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions }, ...used.values()] };
}

export const textOf = (document: DocumentNode): string => print(document);
