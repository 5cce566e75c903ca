// Finds root fields of the edge subgraphs that the gateway could not route: neither hidden nor naming their region.
import { type DocumentNode, type FieldDefinitionNode, Kind, parse, type TypeNode } from 'graphql';
import { type RegionPaths, regionPathsOf } from '../region-directive.ts';
import { isEdgeSubgraph } from '../sources.ts';
import { subgraphPath } from './contract-files.ts';

const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);

export function regionFindings(subgraphs: ReadonlyMap<string, string>): string[] {
  return [...subgraphs].filter(([name]) => isEdgeSubgraph(name)).flatMap(([name, sdl]) => findingsOf(name, sdl));
}

function findingsOf(name: string, sdl: string): string[] {
  const document = parseOrNull(sdl);
  if (!document) return []; // composition reports the syntax error
  const paths = regionPathsOf(document);
  const inputs = inputTypesOf(document);
  return rootFieldsOf(document).flatMap(({ root, field }) => {
    const at = `${subgraphPath(name)}:${field.loc?.startToken.line}: ${root}.${field.name.value}`;
    const fieldPaths = paths.get(`${root}.${field.name.value}`);
    if (fieldPaths) return pathFindings(at, field, fieldPaths, inputs);
    if (field.directives?.some(directive => directive.name.value === 'inaccessible')) return [];
    return [`${at} is public but names no region: add @region(from: "<argument>"), or @inaccessible`];
  });
}

type InputTypes = ReadonlyMap<string, ReadonlyMap<string, TypeNode>>;

function pathFindings(at: string, field: FieldDefinitionNode, paths: RegionPaths, inputs: InputTypes): string[] {
  const args = new Map(field.arguments?.map(arg => [arg.name.value, arg.type]));
  return paths
    .filter(path => !leadsSomewhere(path, args, inputs))
    .map(path => `${at} has @region(from: "${path.join('.')}"), which names no argument or input field`);
}

function leadsSomewhere(path: readonly string[], from: ReadonlyMap<string, TypeNode>, inputs: InputTypes): boolean {
  const [name, ...rest] = path;
  const type = from.get(name ?? '');
  if (!type) return false;
  const fields = inputs.get(namedTypeOf(type));
  // An input object is no region id: the path has to go on to one of its fields.
  if (rest.length === 0) return fields === undefined;
  return fields !== undefined && leadsSomewhere(rest, fields, inputs);
}

function rootFieldsOf(document: DocumentNode): { root: string; field: FieldDefinitionNode }[] {
  return document.definitions.flatMap(definition => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    const root = definition.name.value;
    return ROOT_TYPES.has(root) ? (definition.fields ?? []).map(field => ({ root, field })) : [];
  });
}

function inputTypesOf(document: DocumentNode): Map<string, Map<string, TypeNode>> {
  const found = new Map<string, Map<string, TypeNode>>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INPUT_OBJECT_TYPE_EXTENSION)
      continue;
    const fields = found.get(definition.name.value) ?? new Map<string, TypeNode>();
    for (const field of definition.fields ?? []) fields.set(field.name.value, field.type);
    found.set(definition.name.value, fields);
  }
  return found;
}

const namedTypeOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);

function parseOrNull(sdl: string): DocumentNode | null {
  try {
    return parse(sdl);
  } catch {
    return null; // safe: the same text fails composition, whose report names the line
  }
}
