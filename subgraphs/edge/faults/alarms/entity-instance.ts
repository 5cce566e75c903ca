// Entity instances: dotted `key=value` pairs, least specific first. StarlingX does not escape values, so a value may
// hold dots: a new pair begins only where a dot is followed by a key and an equals sign.

export interface EntityPair {
  readonly key: string;
  /** Empty for a bare component: the catalogue has `host=<hostname>.ntp`. */
  readonly value: string;
}

const KEY = /^[a-zA-Z_][a-zA-Z0-9_-]*$/;
const NEXT_PAIR = /\.(?=[a-zA-Z_][a-zA-Z0-9_-]*=)/;

/** Components that StarlingX writes without a value; a dot before any other word belongs to the value. */
const BARE = /\.(ntp|ptp)$/;

/** Null when the text is no entity instance. */
export function parseEntityInstance(text: string): EntityPair[] | null {
  const pairs: EntityPair[] = [];
  for (const part of text.split(NEXT_PAIR)) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals);
    if (equals < 1 || !KEY.test(key) || equals === part.length - 1) return null;
    const value = part.slice(equals + 1);
    const bare = BARE.exec(value);
    if (bare?.index === 0) return null; // `host=.ntp` names no host
    pairs.push({ key, value: bare ? value.slice(0, bare.index) : value });
    if (bare) pairs.push({ key: bare[1]!, value: '' });
  }
  return pairs;
}

/** The kind of entity: its keys, dotted. */
export const entityTypeOf = (pairs: readonly EntityPair[]): string => pairs.map(pair => pair.key).join('.');

/** The host that the entity lies on, if any. */
export const hostnameOf = (pairs: readonly EntityPair[]): string | null =>
  pairs.find(pair => pair.key === 'host')?.value ?? null;

/** Whether the entity is the given one or lies below it: `host=a` has `host=a.port=b` below it, never `host=ab` or `host=a.b`. */
export function liesWithin(entity: string, place: string): boolean {
  if (entity === place) return true;
  if (!entity.startsWith(place)) return false; // most pairs of texts end here, unparsed
  const outer = parseEntityInstance(place);
  const inner = parseEntityInstance(entity);
  if (outer === null || inner === null) return false;
  return outer.every(({ key, value }, i) => inner[i]?.key === key && inner[i]?.value === value);
}
