// What stands at the other end of each cable, as lldpd heard it. Knows nothing where lldpd does not run.
import { z } from 'zod';
import type { LldpNeighbourReport } from '../report.ts';
import { jsonOf } from './program.ts';

/** `lldpctl -f json0` writes every element as a list, every text as `{ value }`. */
const texts = z.array(z.object({ value: z.string().optional() })).default([]);
const Neighbours = z.object({
  lldp: z.array(
    z.object({
      interface: z
        .array(
          z.object({
            name: z.string(),
            chassis: z.array(z.object({ id: texts, name: texts })).default([]),
            port: z.array(z.object({ id: texts, descr: texts })).default([]),
          }),
        )
        .default([]),
    }),
  ),
});

export const readLldpNeighbours = async (): Promise<ReadonlyMap<string, LldpNeighbourReport>> =>
  toNeighbours(await jsonOf('lldpctl', '-f', 'json0'));

/** By the name of the port; the first neighbour of a port that hears several. */
export function toNeighbours(json: unknown): ReadonlyMap<string, LldpNeighbourReport> {
  const parsed = Neighbours.safeParse(json);
  const found = new Map<string, LldpNeighbourReport>();
  for (const { name, chassis, port } of parsed.data?.lldp.flatMap(part => part.interface) ?? []) {
    const neighbour = {
      chassis: chassis[0]?.id[0]?.value ?? null,
      port: port[0]?.id[0]?.value ?? port[0]?.descr[0]?.value ?? null,
      systemName: chassis[0]?.name[0]?.value ?? null,
    };
    const isTold = Object.values(neighbour).some(text => text !== null);
    if (isTold && !found.has(name)) found.set(name, neighbour);
  }
  return found;
}
