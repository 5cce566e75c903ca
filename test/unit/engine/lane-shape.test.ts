// Which parts of an answer a region's door may write, by the product's own graph.
import { parse } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../gateway/engine/engine.ts';
import type { Sharding } from '../../../gateway/engine/fetcher.ts';
import { isEdgeSubgraph, readSupergraph } from '../../../schema/sources.ts';

let engine: Engine<null>;
beforeAll(async () => {
  const sharding = { isSharded: isEdgeSubgraph, checkOf: () => undefined } as unknown as Sharding<null>;
  engine = await createEngine<null>({ supergraphSdl: readSupergraph(), fetcher: {} as never, sharding });
});

/** For each unit in a region the fields that its door writes, as text. */
async function shapesOf(query: string, variables = {}): Promise<(string | null)[]> {
  const { execution } = await engine.prepare({ document: parse(query), variables });
  const inRegions = execution.units.filter(({ fetches }) => isEdgeSubgraph(fetches[0]!.compiled.fetch.subgraph));
  return inRegions.map(({ shaped }) => shaped && JSON.parse(shaped.shapeText));
}

const namesIn = (text: string | null): string[] =>
  text === null ? [] : [...text.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name!);

describe('what a door writes', () => {
  it('is the fields that only its region gives, in the order of the client', async () => {
    const [shape] = await shapesOf(`{ regions { nodes { id name
      open: alarms { totalCount nodes { kind: __typename severity host { software { release } hostname } } } } } }`);
    expect(namesIn(shape!)).toEqual([
      ...['open', 'totalCount', 'nodes', 'kind', 'severity', 'host', 'software', 'release', 'hostname'],
    ]);
    expect(shape).toContain('{"name":"kind","typename":"Alarm"}');
    expect(shape).toContain('"values":["CRITICAL","MAJOR","MINOR","WARNING"]');
  });

  it('has what is skipped left out, and what is written twice once', async () => {
    const query = `query($no: Boolean!) { regions { nodes { alarms { nodes { ...A severity } } alarms { nodes { ...A } } } } }
      fragment A on Alarm { id reasonText @skip(if: $no) }`;
    const shapes = [await shapesOf(query, { no: true }), await shapesOf(query, { no: false })];
    expect(shapes.map(([shape]) => namesIn(shape!))).toEqual([
      ['alarms', 'nodes', 'id', 'severity'],
      ['alarms', 'nodes', 'id', 'reasonText', 'severity'],
    ]);
  });

  it('is under the name that the client gave, read by the one it was planned with', async () => {
    const [shape] = await shapesOf('{ regions { nodes { hosts { nodes { id: hostname software { release } } } } } }');
    expect(shape).toMatch(/"name":"id","from":"(?!id")\w+"/);
  });

  it.each([
    ['what the centre needs to go on', '{ regions { nodes { alarms { nodes { severity region { name } } } } } }'],
    ['what begins with root fields', '{ host(id: "a/b") { hostname software { release } } }'],
    ['nothing', '{ regions { nodes { id name } } }'],
  ])('is not %s', async (_what, query) => {
    expect((await shapesOf(query)).flatMap(namesIn)).toEqual([]);
  });
});
