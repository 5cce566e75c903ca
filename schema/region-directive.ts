// Reads `@region(from: "…")` from a subgraph's SDL: which argument of a root field names the region that answers.
import { type DocumentNode, Kind, parse } from 'graphql';

/** Argument paths in order of preference: `input.id | input.region` is [['input','id'],['input','region']]. */
export type RegionPaths = readonly (readonly string[])[];

const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);

/** Region paths by `<root type>.<field>`, for every root field that carries the directive. */
export function regionPathsOf(sdl: string | DocumentNode): Map<string, RegionPaths> {
  const document = typeof sdl === 'string' ? parse(sdl) : sdl;
  const found = new Map<string, RegionPaths>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    if (!ROOT_TYPES.has(definition.name.value)) continue;
    for (const field of definition.fields ?? []) {
      const directive = field.directives?.find(d => d.name.value === 'region');
      const from = directive?.arguments?.find(a => a.name.value === 'from')?.value;
      if (from?.kind !== Kind.STRING) continue;
      found.set(
        `${definition.name.value}.${field.name.value}`,
        from.value.split('|').map(path => path.trim().split('.')),
      );
    }
  }
  return found;
}
