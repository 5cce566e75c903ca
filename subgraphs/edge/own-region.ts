// An edge subgraph answers for one region only: these turn global ids into its local ones and refuse every other.
import { badInput } from '../../schema/errors.ts';
import { parseId } from '../../schema/identity.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A reference to the region itself; one to another was routed wrongly. */
export function isOwnRegion(own: string, id: string): boolean {
  if (id !== own) throw badInput(`This is region ${own}; it cannot answer for region ${id}.`);
  return true;
}

/** The local part of an id that must be one of this region and a UUID. */
export function localId(own: string, id: string): string {
  const local = localUuid(own, id);
  if (local === null) throw badInput(`${JSON.stringify(id)} is no id that region ${own} gave out.`);
  return local;
}

/** As `localId`, but null for a well-formed id that this region cannot have given out. */
export function localUuid(own: string, id: string): string | null {
  const parsed = parseId(id);
  if (!parsed) throw badInput(`${JSON.stringify(id)} is no id; ids look like <region>/<local id>.`);
  if (parsed.region !== own) throw badInput(`This is region ${own}; it cannot answer for ${id}.`);
  return UUID.test(parsed.local) ? parsed.local : null;
}
