// Volume groups with their physical and logical volumes, as LVM's own commands report them. None where LVM is not
// installed or the agent may not ask it (it wants root).
import { z } from 'zod';
import { mebibytes } from '../graphql-int.ts';
import type { VolumeGroupReport, VolumeReport } from '../report.ts';
import { jsonOf } from './program.ts';

const bytes = z.coerce.number().nonnegative();
const report = <T extends z.ZodType>(name: string, row: T) =>
  z.object({ report: z.array(z.object({ [name]: z.array(row).default([]) })) });
const Groups = report('vg', z.object({ vg_name: z.string(), vg_size: bytes, vg_free: bytes }));
const Physical = report('pv', z.object({ pv_name: z.string(), vg_name: z.string(), pv_size: bytes }));
const Logical = report('lv', z.object({ lv_name: z.string(), vg_name: z.string(), lv_size: bytes }));

/** What `vgs`, `pvs` and `lvs` answered. */
export interface LvmAnswers {
  readonly groups: unknown;
  readonly physical: unknown;
  readonly logical: unknown;
}

const IN_BYTES = ['--reportformat', 'json', '--units', 'b', '--nosuffix', '-o'] as const;

export async function readVolumeGroups(): Promise<VolumeGroupReport[]> {
  const groups = await jsonOf('vgs', ...IN_BYTES, 'vg_name,vg_size,vg_free');
  if (groups === null) return []; // mostly: then the other two are not there either
  const [physical, logical] = await Promise.all([
    jsonOf('pvs', ...IN_BYTES, 'pv_name,vg_name,pv_size'),
    jsonOf('lvs', ...IN_BYTES, 'lv_name,vg_name,lv_size'),
  ]);
  return toVolumeGroups({ groups, physical, logical });
}

export function toVolumeGroups(answers: LvmAnswers): VolumeGroupReport[] {
  const physical = rowsOf(Physical, 'pv', answers.physical);
  const logical = rowsOf(Logical, 'lv', answers.logical);
  return rowsOf(Groups, 'vg', answers.groups).map(({ vg_name: name, vg_size, vg_free }) => ({
    name,
    sizeMiB: mebibytes(vg_size),
    freeMiB: mebibytes(vg_free),
    physicalVolumes: physical.filter(pv => pv.vg_name === name).map(pv => volume(pv.pv_name, pv.pv_size)),
    logicalVolumes: logical.filter(lv => lv.vg_name === name).map(lv => volume(lv.lv_name, lv.lv_size)),
  }));
}

const volume = (name: string, size: number): VolumeReport => ({ name, sizeMiB: mebibytes(size) });

function rowsOf<T>(
  shape: z.ZodType<{ report: { [name: string]: T[] }[] }>,
  name: string,
  answer: unknown,
): readonly T[] {
  return shape.safeParse(answer).data?.report.flatMap(part => part[name] ?? []) ?? [];
}
