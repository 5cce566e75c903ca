// Reads the members of Redfish's collections, whether they come whole, a page at a time, or as links only.
import type { z } from 'zod';
import type { RedfishClient } from './redfish-client.ts';
import { Collection, Link } from './redfish-resources.ts';

const MOST_PAGES = 20;
const AT_ONCE = 2; // as many as there are connections

export interface MemberList {
  readonly members: readonly unknown[];
  /** As the collection says it, else as many as came. */
  readonly total: number;
}

/** Null when there is no such collection. */
export async function listMembers(
  client: RedfishClient,
  path: string,
  signal: AbortSignal,
): Promise<MemberList | null> {
  const members: unknown[] = [];
  let total: number | null = null;
  let next: string | null = path;
  for (let page = 0; next !== null && page < MOST_PAGES; page++) {
    const found: { readonly value: z.output<typeof Collection> } | null = await client.find(next, Collection, signal);
    if (!found) return page === 0 ? null : { members, total: total ?? members.length };
    members.push(...found.value.Members);
    total ??= found.value['Members@odata.count'];
    next = found.value['Members@odata.nextLink'];
  }
  return { members, total: total ?? members.length };
}

export const linkOf = (member: unknown): string | null => Link.safeParse(member).data ?? null;

/** The members themselves: those that came whole as they are, the others each by a request; what is gone is left out. */
export async function readMembers<T>(
  client: RedfishClient,
  members: readonly unknown[],
  shape: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T[]> {
  const read: (T | null)[] = [];
  let at = 0;
  const work = async (): Promise<void> => {
    while (at < members.length) {
      const i = at++;
      const member = members[i];
      const path = linkOf(member);
      if (isWhole(member)) read[i] = shape.safeParse(member).data ?? null;
      else read[i] = path === null ? null : ((await client.find(path, shape, signal))?.value ?? null);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return read.filter(one => one !== null && one !== undefined) as T[];
}

/** More than a link. */
const isWhole = (member: unknown): boolean =>
  typeof member === 'object' && member !== null && Object.keys(member).some(key => !key.startsWith('@odata.'));
