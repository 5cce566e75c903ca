// What a region is called, and what it says that it runs, reaches whoever follows the directory, and is what its subgraphs tell of themselves.
import { expect, test } from 'vitest';
import { readLines } from '../../../runtime/line-stream.ts';
import { EDGE_SUBGRAPHS, hashOfSdl, readSubgraph } from '../../../schema/sources.ts';
import type { DirectoryLine } from '../../../subgraphs/central/fleet/regions/directory-stream.ts';
import { leftovers } from '../../support/leftovers.ts';
import { ask } from '../edge/ask.ts';
import { aHouse } from '../edge/region-house.ts';
import { aCentre } from './fleet-house.ts';

const left = leftovers();

test('a region that joins is in the directory with its name and the hashes of its schemas, which are those of its SDL', async () => {
  const house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  const centre = await aCentre();
  left.add(() => centre.close());
  await centre.change('addRegion', { id: 'lagos-1', endpoint: house.door(), name: 'Lagos' });
  const url = `http://127.0.0.1:${centre.config.fleet.port}/directory`;
  const stop = new AbortController();
  let schemas: Readonly<Record<string, string>> | null = null;
  for await (const line of readLines<DirectoryLine>({ url, headers: {}, signal: stop.signal })) {
    if (!('regions' in line)) continue;
    expect(line.regions).toMatchObject([{ id: 'lagos-1', name: 'Lagos' }]);
    schemas = line.regions[0]?.schemas ?? null;
    if (schemas) break;
  }
  expect(schemas).toEqual(Object.fromEntries(EDGE_SUBGRAPHS.map(name => [name, hashOfSdl(readSubgraph(name))])));
  for (const name of EDGE_SUBGRAPHS) {
    const { _service } = await ask(`${house.door()}/${name}/graphql`, '{ _service { sdl } }');
    expect(hashOfSdl(_service.sdl)).toBe(schemas?.[name]);
  }
});
