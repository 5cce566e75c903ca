// Tells which subgraph's SDL is behind a change of the composed API, which itself no longer knows where a field is from.
import { type ASTNode, Kind, parse, print, visit } from 'graphql';

type Definitions = ReadonlyMap<string, string>;

/** Names the subgraphs whose text differs at a coordinate; when none does, those that have it at all. */
export function changedSubgraphs(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): (coordinate: string) => string[] {
  const old = indexOf(before);
  const current = indexOf(after);
  const names = [...new Set([...old.keys(), ...current.keys()])];
  return coordinate => {
    const steps = coordinate.split('.');
    // From the exact place outwards: a change may show on the field only, not on its argument.
    for (let depth = steps.length; depth > 0; depth--) {
      const at = steps.slice(0, depth).join('.');
      const changed = names.filter(name => old.get(name)?.get(at) !== current.get(name)?.get(at));
      if (changed.length > 0) return changed;
    }
    return names.filter(name => current.get(name)?.has(coordinate) || old.get(name)?.has(coordinate));
  };
}

const indexOf = (subgraphs: ReadonlyMap<string, string>): Map<string, Definitions> =>
  new Map([...subgraphs].map(([name, sdl]) => [name, definitionsOf(sdl)]));

/** Printed definitions by coordinate: `Host`, `Host.cpu`, `Query.alarms.first`, `Severity.MAJOR`. */
function definitionsOf(sdl: string): Definitions {
  const found = new Map<string, string>();
  // Without descriptions: they are no part of the API's shape.
  const shape = visit(parse(sdl), { StringValue: (_node, key) => (key === 'description' ? null : undefined) });
  for (const definition of shape.definitions) collect('', definition, found);
  return found;
}

function collect(parent: string, node: ASTNode, found: Map<string, string>): void {
  if (!('name' in node) || node.name?.kind !== Kind.NAME) return;
  const at = parent === '' ? node.name.value : `${parent}.${node.name.value}`;
  found.set(at, (found.get(at) ?? '') + print(node));
  for (const child of childrenOf(node)) collect(at, child, found);
}

const childrenOf = (node: ASTNode): ASTNode[] => [
  ...('fields' in node ? (node.fields ?? []) : []),
  ...('values' in node && Array.isArray(node.values) ? node.values : []),
  ...('arguments' in node ? (node.arguments ?? []) : []),
];
