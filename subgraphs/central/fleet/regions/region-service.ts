// What can be done with regions: join, change, manage, leave. Says `changed` after each, so that followers look at once.
import type { DataSource } from 'typeorm';
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import { rows, type Sql } from '../../../runtime/sql.ts';
import { contactOf } from '../contact/contact-state.ts';
import { tellDeparture } from '../mirror/departure-store.ts';
import type { Label, Location, RegionManagement, RegionRow } from './region.ts';
import { AddRegionChecks, UpdateRegionChecks } from './region-input.ts';
import { deleteRegion, findRegion, insertRegion, requestAlignment, updateRegion } from './region-store.ts';

export interface RegionPayload {
  readonly region: RegionRow | null;
  readonly userErrors: readonly UserError[];
}

interface Repeatable {
  readonly id: string;
  readonly idempotencyKey?: string | null;
}

export type RealignRegionInput = Repeatable;

export interface UpdateRegionInput extends Repeatable {
  readonly name?: string | null;
  readonly endpoint?: string | null;
  readonly description?: string | null;
  readonly location?: Location | null;
  readonly group?: string | null;
  readonly labels?: readonly Label[] | null;
}

export interface AddRegionInput extends UpdateRegionInput {
  readonly endpoint: string;
}

export interface RegionService {
  add(input: AddRegionInput): Promise<RegionPayload>;
  update(input: UpdateRegionInput): Promise<RegionPayload>;
  setManagement(operation: string, input: Repeatable, management: RegionManagement): Promise<RegionPayload>;
  remove(input: Repeatable): Promise<RegionPayload>;
  /** Asks for a comparison of its part of the mirror with it. */
  realign(input: RealignRegionInput): Promise<RegionPayload>;
}

export interface RegionServiceDeps {
  readonly dataSource: DataSource;
  now(): Date;
  changed(): void;
}

export function regionService({ dataSource, now, changed }: RegionServiceDeps): RegionService {
  const run = async (
    operation: string,
    input: Repeatable,
    checked: readonly UserError[],
    work: (sql: Sql, known: RegionRow | null) => Promise<RegionPayload>,
  ): Promise<RegionPayload> => {
    if (checked.length > 0) return { region: null, userErrors: checked };
    const payload = await dataSource.transaction(async tx => {
      await rows(tx, "/* regions.lock */ select pg_advisory_xact_lock(hashtext('murmuration regions'))");
      return once(tx, operation, input.idempotencyKey, input, refused, async () =>
        work(tx, await findRegion(tx, input.id)),
      );
    });
    changed();
    return payload;
  };

  return {
    add: input =>
      run('addRegion', input, inputErrors(AddRegionChecks, input), async (sql, known) => {
        if (known)
          return refused({
            code: 'ALREADY_EXISTS',
            message: `Region ${input.id} is already in the graph: use updateRegion to change it.`,
            path: ['input', 'id'],
          });
        const region = newRegion(input, now().toISOString());
        await insertRegion(sql, region);
        return accepted(region);
      }),
    update: input =>
      run('updateRegion', input, inputErrors(UpdateRegionChecks, input), async (sql, known) => {
        if (!known) return notFound(input.id);
        const region = afterUpdate(known, input);
        await updateRegion(sql, region);
        return accepted(region);
      }),
    setManagement: (operation, input, management) =>
      run(operation, input, [], async (sql, known) => {
        if (!known) return notFound(input.id);
        const region = { ...known, management };
        await updateRegion(sql, region);
        return accepted(region);
      }),
    remove: input =>
      run('removeRegion', input, [], async (sql, known) => {
        if (!known) return notFound(input.id);
        await tellDeparture(sql, { ...known, leftAt: now().toISOString() });
        await deleteRegion(sql, known.id);
        return accepted(known);
      }),
    realign: input =>
      run('realignRegion', input, [], async (sql, known) => {
        if (!known) return notFound(input.id);
        const { state, lastContactAt } = contactOf(known, now());
        if (state !== 'ONLINE')
          return refused({
            code: 'REGION_OFFLINE',
            message: `Region ${known.id} is out of contact since ${lastContactAt ?? 'it was added'}: there is nothing to compare with. It is aligned by itself when it is back.`,
            path: ['input', 'id'],
          });
        return accepted(await requestAlignment(sql, known.id));
      }),
  };
}

const accepted = (region: RegionRow): RegionPayload => ({ region, userErrors: [] });
const refused = (error: UserError): RegionPayload => ({ region: null, userErrors: [error] });
const notFound = (id: string): RegionPayload =>
  refused({ code: 'NOT_FOUND', message: `No region ${JSON.stringify(id)} is in the graph.`, path: ['input', 'id'] });

function newRegion(input: AddRegionInput, addedAt: string): RegionRow {
  return {
    id: input.id,
    name: input.name ?? input.id,
    endpoint: input.endpoint.replace(/\/$/, ''),
    description: input.description ?? null,
    location: input.location ?? null,
    groupName: input.group ?? null,
    labels: input.labels ?? [],
    management: 'MANAGED',
    addedAt,
    lastContactAt: null,
    contactReason: null,
    staleSince: null,
    offlineAlarm: false,
    realignRequestedAt: null,
    schemas: null,
  };
}

/** A field that is left out stays; one that is null is emptied where it may be empty. */
function afterUpdate(known: RegionRow, input: UpdateRegionInput): RegionRow {
  const kept = <T>(given: T | undefined, old: T): T => (given === undefined ? old : given);
  return {
    ...known,
    name: input.name ?? known.name,
    endpoint: input.endpoint?.replace(/\/$/, '') ?? known.endpoint,
    description: kept(input.description, known.description),
    location: kept(input.location, known.location),
    groupName: kept(input.group, known.groupName),
    labels: input.labels ?? known.labels,
  };
}
