// Runs one unit of a plan. Each region goes through a lane by itself: as one request to the region's edge door, or step by
// step from here where it has none, or when its door gave nothing of use.
import { variablesText } from '../../federation/compiled-fetch.ts';
import { answerFlaw, batchesFor, type EntityBatch, mergeEntities } from '../../federation/entity-batch.ts';
import { mergeInto } from '../../federation/merge.ts';
import { isObject, setOwn } from '../../federation/own-property.ts';
import { detailed, placeErrors } from '../../federation/placed-errors.ts';
import {
  addErrors,
  inOrderOfNeed,
  type Place,
  type RootPart,
  type Run,
  refuse,
  rootFlaw,
  runFetch,
  wholeAnswer,
} from '../../federation/run-fetches.ts';
import type { SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Target } from '../../federation/targets.ts';
import { type CompiledUnit, doorRequest } from './compiled-unit.ts';
import type { DoorAsker, DoorForm, Sharding } from './fetcher.ts';
import type { PassedText } from './passed-text.ts';

/** The edge doors, as one execution sees them. */
export interface Doors extends Pick<Sharding<never>, 'regionOf' | 'hasDoor' | 'writes'> {
  /** When the door gives nothing of use, what is asked of the region then says why. */
  ask<Batch>(asker: DoorAsker<Batch>, batch: Batch, region: string): void;
  /** What stands in the data for text that is passed on. */
  readonly stand: PassedText['stand'];
}

export async function runUnit(run: Run, unit: CompiledUnit, doors: Doors | undefined): Promise<void> {
  if (!doors || (unit.fetches.length === 1 && !unit.shaped)) await inSteps(run, unit, wholeAnswer(run));
  else if (unit.begin) await runEntityLane(run, unit, unit.begin, doors);
  else if (unit.lane?.length === 0) await runRootLane(run, unit, doors);
  else await inSteps(run, unit, wholeAnswer(run));
}

const inSteps = (run: Run, { fetches }: Pick<CompiledUnit, 'fetches'>, place: Place): Promise<unknown> =>
  inOrderOfNeed(fetches, ({ compiled }) => runFetch(run, compiled, place));

/** By callbacks: of all that is done for a region, promises would be the greatest part. */
function runEntityLane(
  run: Run,
  unit: CompiledUnit,
  begin: NonNullable<CompiledUnit['begin']>,
  doors: Doors,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const batches = batchesFor(begin, [run.root], 0, doors.regionOf);
    let left = batches.length;
    if (left === 0) return resolve();
    const done = (): void => {
      if (--left === 0) resolve();
    };
    const goInSteps = (batch: EntityBatch): void => {
      const roots = [...new Set(batch.inputs[0]!.targets)];
      inSteps(run, unit, { roots, from: unit.lane!.length }).then(done, reject);
    };
    const asker = laneAsker(run, unit, begin, { stand: doors.stand, done, goInSteps, failed: reject });
    for (const batch of batches) {
      const { region } = batch;
      // what is one fetch anyway goes to a door only where that spares reading the answer
      if (region !== null && doors.hasDoor(region) && (unit.fetches.length > 1 || doors.writes(region)))
        doors.ask(asker, batch, region);
      else goInSteps(batch);
    }
  });
}

interface LaneEnds extends Pick<Doors, 'stand'> {
  done(): void;
  goInSteps(batch: EntityBatch): void;
  failed(error: unknown): void;
}

function laneAsker(
  run: Run,
  unit: CompiledUnit,
  begin: NonNullable<CompiledUnit['begin']>,
  { stand, done, goInSteps, failed }: LaneEnds,
): DoorAsker<EntityBatch> {
  const { shaped } = unit;
  const variables = variablesText(unit.variables, run.variables);
  const takeShaped = (batch: EntityBatch, bytes: Buffer): boolean => {
    const rows = shaped!.read(bytes, idsOf(batch), stand);
    if (!rows) return false;
    putRows(unit, batch, rows);
    done();
    return true;
  };
  return {
    plan: unit,
    body: ({ inputs }, form) => {
      const { texts } = inputs[0]!;
      return doorRequest(planOf(unit, form), variables, texts.length === 1 ? texts[0]! : texts.join(','));
    },
    flawOf: (batch, given) => answerFlaw(begin, batch, given),
    takeShaped: shaped ? takeShaped : undefined,
    answered: (batch, answer) => {
      if (!answer) return goInSteps(batch);
      mergeEntities(begin, batch, answer);
      if (answer.errors?.length) addErrors(run, begin, placeErrors(begin, batch, answer.errors, run.root));
      done();
    },
    failed,
  };
}

function planOf({ planText, shaped }: CompiledUnit, form: DoorForm): string {
  if (form === 'known') return shaped!.known;
  return form === 'plain' ? `"plan":${planText}` : `"plan":${planText},"shape":${shaped!.shapeText}`;
}

/** Of the objects of a lane, each once. */
function idsOf({ inputs }: EntityBatch): string[] {
  const { targets, places } = inputs[0]!;
  if (targets.length === 1) return [String(targets[0]!['id'])];
  const ids: string[] = [];
  for (const [t, target] of targets.entries()) ids[places[t]!] ??= String(target['id']);
  return ids;
}

function putRows({ shaped }: CompiledUnit, { inputs }: EntityBatch, rows: readonly (readonly symbol[])[]): void {
  const { targets, places } = inputs[0]!;
  const { names } = shaped!;
  for (let t = 0; t < targets.length; t++) {
    const row = rows[places[t]!]!;
    for (let i = 0; i < names.length; i++) setOwn(targets[t]!, names[i]!, row[i]);
  }
}

/** A lane that begins with root fields: every region has an answer of its own until it is done. */
async function runRootLane(run: Run, unit: CompiledUnit, doors: Doors): Promise<void> {
  const partsOf = new Map<string, Map<number, RootPart>>();
  for (const { compiled } of unit.fetches) {
    if (compiled.inputs.length > 0) continue;
    const split = run.rootParts(compiled);
    if (!split) continue;
    refuse(run, compiled, split, [run.root]);
    for (const part of split.parts) {
      const parts = partsOf.get(part.region) ?? new Map<number, RootPart>();
      partsOf.set(part.region, parts.set(compiled.index, part));
    }
  }
  const runIn = async ([region, parts]: readonly [string, Map<number, RootPart>]): Promise<void> => {
    const own: Run = { ...run, root: {} };
    const entityFetches = unit.fetches.filter(({ compiled }) => compiled.inputs.length > 0).length;
    const useDoor = entityFetches + parts.size > 1 && doors.hasDoor(region);
    if (!(useDoor && (await rootsAtDoor(own, unit, region, parts, doors))))
      await inSteps(own, unit, { roots: [own.root], from: 0, region });
    mergeInto(run.root, own.root);
  };
  await Promise.all([...partsOf].map(runIn));
}

async function rootsAtDoor(
  run: Run,
  unit: CompiledUnit,
  region: string,
  parts: ReadonlyMap<number, RootPart>,
  doors: Doors,
): Promise<boolean> {
  const answer = await new Promise<SubgraphAnswer | null>((resolve, reject) => {
    const asker: DoorAsker<null> = {
      plan: unit,
      body: () => doorRequest(`"plan":${unit.planFor(parts)}`, variablesText(unit.variables, run.variables), '{}'),
      flawOf: (_, given) => rootsFlaw(unit, parts, given),
      takeShaped: undefined,
      answered: (_, given) => resolve(given),
      failed: reject,
    };
    doors.ask(asker, null, region);
  });
  if (!answer) return false;
  mergeInto(run.root, rootOf(answer)!);
  const first = unit.fetches[0]!.compiled;
  const errors = (answer.errors ?? []).map(error => ({
    ...detailed(error, first.fetch.subgraph, region),
    path: error.path?.slice(2),
  }));
  if (errors.length > 0) addErrors(run, first, errors);
  return true;
}

const rootOf = ({ data }: SubgraphAnswer): Target | undefined => {
  const root = (data?.['roots'] as unknown[] | undefined)?.[0];
  return isObject(root) ? root : undefined;
};

function rootsFlaw(unit: CompiledUnit, parts: ReadonlyMap<number, RootPart>, answer: SubgraphAnswer): string | null {
  const root = rootOf(answer);
  if (!root) return 'answered without an object';
  for (const { compiled } of unit.fetches) {
    const names = parts.get(compiled.index)?.names ?? [];
    const flaw = rootFlaw(names, { data: root, errors: answer.errors }) ?? compiled.check?.rootFlaw(root, names);
    if (flaw) return flaw;
  }
  return unit.shapeFlaw(root);
}
