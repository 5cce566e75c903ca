// Which region answers a root field, and the part of an operation that goes to each region. Pure.
import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type VariableDefinitionNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import { badInput } from '../../schema/errors.ts';
import { isRegionId, parseId } from '../../schema/identity.ts';
import type { RegionPaths } from '../../schema/region-directive.ts';
import { type OperationShape, responseName, type Variables } from './operation-shape.ts';
import type { SubgraphAnswer, SubgraphRequest } from './transport.ts';

/** The region that a root field names through its `@region` argument. Throws BAD_USER_INPUT. */
export function regionOfField(field: FieldNode, paths: RegionPaths, variables: Variables): string {
  for (const [argument, ...rest] of paths) {
    const node = field.arguments?.find(a => a.name.value === argument)?.value;
    let value: unknown = node ? valueFromASTUntyped(node, { ...variables }) : undefined;
    for (const key of rest) value = (value as Record<string, unknown> | null | undefined)?.[key];
    if (value === undefined || value === null) continue;
    return regionNamedBy([argument!, ...rest], String(value));
  }
  throw badInput(`Name the region: ${paths.map(path => path.join('.')).join(' or ')} is missing.`);
}

/** An argument called `region` holds a region's id; any other holds the id of something in a region. */
function regionNamedBy(path: readonly string[], value: string): string {
  const isRegion = path.at(-1) === 'region';
  const region = isRegion ? (isRegionId(value) ? value : null) : (parseId(value)?.region ?? null);
  if (region !== null) return region;
  const form = isRegion
    ? 'a region id: lower-case letters, digits and dashes, at most 63'
    : 'an id of the form <region>/<local id>';
  throw badInput(`${path.join('.')} must be ${form}; it is ${JSON.stringify(value)}.`);
}

export interface RoutedField {
  readonly field: FieldNode;
  readonly region: string;
}

export interface RegionPart {
  readonly region: string;
  readonly fields: readonly FieldNode[];
}

/** Fields by region. Those of a mutation keep their order: only neighbours of one region travel together. */
export function partsByRegion(routed: readonly RoutedField[], isMutation: boolean): RegionPart[] {
  const parts: { region: string; fields: FieldNode[] }[] = [];
  for (const { field, region } of routed) {
    const part = isMutation
      ? parts.at(-1)?.region === region && parts.at(-1)
      : parts.find(candidate => candidate.region === region);
    if (part) part.fields.push(field);
    else parts.push({ region, fields: [field] });
  }
  return parts;
}

/** The request that asks for these root fields only. */
export function requestFor(shape: OperationShape, fields: readonly FieldNode[], variables: Variables): SubgraphRequest {
  const operation: OperationDefinitionNode = {
    ...shape.operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  };
  const used = usedVariables(operation, shape);
  const definitions = (shape.operation.variableDefinitions ?? []).filter(d => used.has(nameOf(d)));
  const text = print({
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, variableDefinitions: definitions }, ...usedFragments(operation, shape)],
  });
  return { query: text, variables: Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name))) };
}

/** Why an answer cannot stand for these fields, or null: a field that is left out without an error would look empty. */
export function rootFlaw({ data, errors }: SubgraphAnswer, fields: readonly FieldNode[]): string | null {
  const left = fields.map(responseName).find(name => data?.[name] === undefined);
  return left === undefined || errors?.length ? null : `answered without ${left} and without an error`;
}

const nameOf = (definition: VariableDefinitionNode): string => definition.variable.name.value;

function usedFragments(operation: OperationDefinitionNode, { fragments }: OperationShape) {
  const used = new Set<string>();
  const collect = (node: Parameters<typeof visit>[0]): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.find(candidate => candidate.name.value === name.value);
        if (!fragment || used.has(name.value)) return;
        used.add(name.value);
        collect(fragment);
      },
    });
  };
  collect(operation);
  return fragments.filter(fragment => used.has(fragment.name.value));
}

function usedVariables(operation: OperationDefinitionNode, shape: OperationShape): Set<string> {
  const names = new Set<string>();
  const collect = { Variable: ({ name }: { name: { value: string } }) => void names.add(name.value) };
  visit(operation.selectionSet, collect);
  for (const fragment of usedFragments(operation, shape)) visit(fragment, collect);
  return names;
}
