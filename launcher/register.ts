// Makes the regions known to the centre and asks the gateway whether they are in contact. Over HTTP only, as any client.
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError, messageOf } from './launch-error.ts';
import { regionName } from './region-names.ts';

export interface GraphqlDoor {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface UserError {
  readonly code: string;
  readonly message: string;
}
type Payloads = Record<string, { userErrors: UserError[] }>;

const ADD = 'mutation($input: AddRegionInput!) { addRegion(input: $input) { userErrors { code message } } }';
const UPDATE = 'mutation($input: UpdateRegionInput!) { updateRegion(input: $input) { userErrors { code message } } }';
const REGIONS =
  'query($ids: [ID!], $first: Int) { regions(filter: { ids: $ids }, first: $first) { nodes { id contact { state } } } }';

const AT_ONCE = 8; // mutations; the centre writes each in a transaction of its own
const PAGE = 500; // the most that one list may hold

export async function addRegions(fleet: GraphqlDoor, doors: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(doors);
  for (let i = 0; i < entries.length; i += AT_ONCE)
    await Promise.all(entries.slice(i, i + AT_ONCE).map(([id, endpoint]) => addRegion(fleet, id, endpoint)));
}

/** A region that is known from an earlier run only gets its present address. */
export async function addRegion(fleet: GraphqlDoor, id: string, endpoint: string): Promise<void> {
  const added = await ask<Payloads>(fleet, ADD, { input: { id, name: regionName(id), endpoint } });
  const problem = added['addRegion']?.userErrors[0];
  if (!problem) return;
  if (problem.code !== 'ALREADY_EXISTS') throw refused(id, problem);
  const updated = await ask<Payloads>(fleet, UPDATE, { input: { id, endpoint } });
  const again = updated['updateRegion']?.userErrors[0];
  if (again) throw refused(id, again);
}

const refused = (id: string, { code, message }: UserError): LaunchError =>
  new LaunchError(`The centre does not take region ${id}: ${message} (${code})`);

export interface WaitOnline {
  readonly regions: readonly string[];
  readonly withinMs: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** The regions that are not in contact when the time is up, each with what is known of it; empty when all are. */
export async function waitOnline(gateway: GraphqlDoor, wait: WaitOnline): Promise<string[]> {
  const deadline = Date.now() + wait.withinMs;
  for (;;) {
    const missing = await notOnline(gateway, wait.regions);
    if (missing.length === 0 || Date.now() >= deadline) return missing;
    await sleep(wait.everyMs, undefined, { signal: wait.signal }); // contact is judged over time: nothing announces it here
  }
}

async function notOnline(gateway: GraphqlDoor, regions: readonly string[]): Promise<string[]> {
  const state = new Map<string, string>();
  try {
    for (let i = 0; i < regions.length; i += PAGE) {
      const ids = regions.slice(i, i + PAGE);
      const found = await ask<RegionList>(gateway, REGIONS, { ids, first: PAGE });
      for (const { id, contact } of found.regions.nodes) state.set(id, contact.state);
    }
  } catch (error) {
    return [messageOf(error)]; // a gateway that is still loading its graph says no at first
  }
  return regions
    .filter(id => state.get(id) !== 'ONLINE')
    .map(id => `${id} (${state.get(id) ?? 'unknown to the centre'})`);
}

interface RegionList {
  readonly regions: { readonly nodes: readonly { id: string; contact: { state: string } }[] };
}

const ANSWER_WITHIN_MS = 15_000; // far above any deadline of the parts themselves

async function ask<T>({ url, headers }: GraphqlDoor, query: string, variables: object): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch(error => {
    throw new LaunchError(`${url} does not answer (${messageOf(error.cause ?? error)})`);
  });
  const text = await response.text();
  const body = parse(text);
  if (!body?.data || body.errors?.length)
    throw new LaunchError(`${url} answered ${response.status}: ${body?.errors?.[0]?.message ?? text.slice(0, 200)}`);
  return body.data as T;
}

function parse(text: string): { data?: unknown; errors?: { message: string }[] } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the caller shows the text itself
  }
}
