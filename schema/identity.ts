// The only file that knows how a global id is built: `<region>/<local id>`. Every node can tell from the id alone which
// region answers for it.

/** A region's short name, fixed for life. */
export const REGION_ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LOCAL_ID = /^[A-Za-z0-9._-]{1,128}$/;

export interface GlobalId {
  readonly region: string;
  readonly local: string;
}

export const isRegionId = (text: string): boolean => REGION_ID.test(text);

export function makeId(region: string, local: string): string {
  return `${region}/${local}`;
}

/** Null when the text is no global id. */
export function parseId(text: string): GlobalId | null {
  const slash = text.indexOf('/');
  if (slash < 1) return null;
  const region = text.slice(0, slash);
  const local = text.slice(slash + 1);
  return isRegionId(region) && LOCAL_ID.test(local) ? { region, local } : null;
}

/** The region that answers for a region id or for the global id of something in it; null when the text is neither. */
export function regionOf(text: string): string | null {
  if (isRegionId(text)) return text;
  return parseId(text)?.region ?? null;
}
