// What the gateway can say of a region by itself while the fleet service is away: what its own table has. A region's name
// cannot be null, so without it every host and alarm that is asked for its region's name would go with the fleet service. Pure.
import type { FieldNode } from 'graphql';
import type { DirectoryRegion } from './region-directory.ts';

/** By response name, those of the fields that the table has; null for what is no region, or none that it knows. */
export function knownOf(
  directory: { get(region: string): DirectoryRegion | undefined },
  { __typename, id }: { readonly __typename?: unknown; readonly id?: unknown },
  fields: readonly FieldNode[],
): Record<string, unknown> | null {
  const region = __typename === 'Region' ? directory.get(String(id)) : undefined;
  if (!region) return null;
  const { name, endpoint } = region;
  const known = new Map<string, unknown>([
    ['__typename', 'Region'],
    ['id', region.id],
    ['endpoint', endpoint],
    ...(name ? [['name', name] as const] : []), // a fleet service of an older release does not tell it
  ]);
  return Object.fromEntries(
    fields
      .filter(field => known.has(field.name.value))
      .map(field => [field.alias?.value ?? field.name.value, known.get(field.name.value)]),
  );
}
