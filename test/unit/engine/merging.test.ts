import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { compileFetch } from '../../../federation/compiled-fetch.ts';
import { batchesFor } from '../../../federation/entity-batch.ts';
import type { Path, Requirement } from '../../../federation/fetch-plan.ts';
import { copyOf, mergeInto } from '../../../federation/merge.ts';
import { representationWriter } from '../../../federation/representation.ts';
import { applyRewrites } from '../../../federation/rewrites.ts';
import { placesAt, targetsAt } from '../../../federation/targets.ts';

const json = (text: string): Record<string, unknown> => JSON.parse(text);

describe('merging', () => {
  it('joins objects, and lists of equal length item by item; what comes later wins', () => {
    const target = json('{"a":{"x":1},"list":[{"x":1},null,{"x":3}],"was":1,"short":[1]}');
    mergeInto(target, json('{"a":{"y":2},"list":[{"y":1},{"y":2},null],"was":null,"short":[1,2],"new":{}}'));
    expect(target).toEqual(
      json('{"a":{"x":1,"y":2},"list":[{"x":1,"y":1},{"y":2},null],"was":null,"short":[1,2],"new":{}}'),
    );
  });

  it('takes __proto__ and constructor for names like any other', () => {
    const target: Record<string, unknown> = {};
    mergeInto(target, json('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x"}'));
    mergeInto(target, json('{"__proto__":{"more":2}}'));
    expect(JSON.stringify(target)).toBe(
      '{"__proto__":{"polluted":1,"more":2},"constructor":{"prototype":{"polluted":1}},"toString":"x"}',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify(copyOf(target))).toBe(JSON.stringify(target));
    const renamed = json('{"a":{"polluted":1}}');
    applyRewrites([{ path: [{ field: 'a' }], rename: '__proto__' }], renamed);
    expect(Object.hasOwn(renamed, '__proto__')).toBe(true);
  });
});

describe('a path', () => {
  const data = json(
    '{"items":[{"__typename":"A","of":{"id":1}},null,{"__typename":"B","of":{"id":2}},{"__typename":"A","of":null}],"grid":[[{"id":3}],null,[]]}',
  );
  const ofA: Path = [{ field: 'items' }, { list: true }, { types: ['A'] }, { field: 'of' }];

  it('leads to the objects that are there, of the types that it names', () => {
    expect(targetsAt([data], ofA)).toEqual([{ id: 1 }]);
    expect(targetsAt([data], [{ field: 'items' }, { list: true }, { field: 'of' }])).toEqual([{ id: 1 }, { id: 2 }]);
    expect(targetsAt([data], [{ field: 'grid' }, { list: true }, { list: true }])).toEqual([{ id: 3 }]);
    expect(targetsAt([data], [{ field: 'constructor' }])).toEqual([]);
    expect(targetsAt(data['items'] as unknown[], ofA, 2)).toEqual([{ id: 1 }]);
  });

  it('tells where each of them stands', () => {
    const places = placesAt(data, [{ field: 'items' }, { list: true }, { field: 'of' }]);
    expect([...places.values()]).toEqual([[['items', 0, 'of']], [['items', 2, 'of']]]);
    expect([...placesAt(data, [{ field: 'grid' }, { list: true }, { list: true }]).values()]).toEqual([
      [['grid', 0, 0]],
    ]);
  });
});

describe('a representation', () => {
  it('takes one byte a character where that is enough, whatever text its names were cut out of', () => {
    const sdl = 'type Kilometrestones { kilometrestone: ID } # …';
    const [, type, , name] = sdl.split(/[ :]/) as [string, string, string, string];
    const requires = ['__typename', name].map((field): Requirement => ({ from: field, to: field }));
    const text = representationWriter(requires, [])({ __typename: type, [name]: 'a' });
    expect(text).toBe('{"__typename":"Kilometrestones","kilometrestone":"a"}');
    const ONE_BYTE_STRING = '"'.charCodeAt(0); // tag of V8's serialization, after two bytes of version
    expect(serialize(text)[2]).toBe(ONE_BYTE_STRING);
    expect(serialize(type)[2]).not.toBe(ONE_BYTE_STRING);
  });

  const id: Requirement = { from: 'id', to: 'id' };
  const typename: Requirement = { from: '__typename', to: '__typename' };
  const write = (object: object, requires: Requirement[], rewrites: Parameters<typeof representationWriter>[1] = []) =>
    representationWriter(requires, rewrites)(object as Record<string, unknown>);

  it('has what is required of the type of the object', () => {
    const requires: Requirement[] = [
      { types: ['Product'], fields: [typename, id, { from: 'alias0', to: 'price' }] },
      { types: ['Product', 'Book'], fields: [{ from: 'dims', to: 'dims', fields: [{ from: 'size', to: 'size' }] }] },
    ];
    expect(write({ __typename: 'Product', id: 'a"\u2028', alias0: 7, dims: [{ size: 1, x: 2 }, null] }, requires)).toBe(
      '{"__typename":"Product","id":"a\\"\u2028","price":7,"dims":[{"size":1},null]}',
    );
    expect(write({ __typename: 'Book', dims: null }, requires)).toBeNull(); // no key for this type
    expect(write({ __typename: 'Product', id: '1', dims: null }, requires)).toBeNull(); // price is missing
    expect(write({ id: '1' }, requires)).toBeNull();
  });

  it('is null within where a part of it is missing', () => {
    const requires: Requirement[] = [
      { types: ['P'], fields: [typename, { from: 'd', to: 'd', fields: [{ from: 'x', to: 'x' }] }] },
    ];
    expect(write({ __typename: 'P', d: {} }, requires)).toBe('{"__typename":"P","d":null}');
  });

  it('goes under the name of its interface, and renames what the plan says', () => {
    const requires: Requirement[] = [{ types: ['Book'], fields: [typename, id, { from: 'x', to: 'x' }] }];
    const book = { __typename: 'Book', id: '1', x: 1 };
    const toMedia = { path: [{ types: ['Book', 'Media'] }, { field: '__typename' }], set: 'Media' };
    expect(write(book, requires, [toMedia])).toBe('{"__typename":"Media","id":"1","x":1}');
    expect(write(book, requires, [toMedia, { path: [{ field: 'x' }], rename: 'y' }])).toBe(
      '{"__typename":"Media","id":"1","y":1}',
    );
  });
});

describe('a batch', () => {
  const items: Path = [{ field: 'items' }, { list: true }];
  const compiled = compileFetch(
    {
      subgraph: 'faults',
      kind: 'query',
      operation: 'query($a:[_Any!]!){_entities(representations:$a){...on A{x}}}',
      variables: [],
      inputs: [
        {
          alias: '_entities',
          variable: 'a',
          paths: [items, [{ field: 'best' }]],
          requires: ['__typename', 'id'].map((name): Requirement => ({ from: name, to: name })),
          inputRewrites: [],
          outputRewrites: [],
        },
      ],
      path: [],
      outputRewrites: [],
      after: [],
    },
    0,
  );
  const data = (ids: readonly string[], best: string) => {
    const object = (id: string) => ({ __typename: 'A', id });
    return { items: ids.map(object), best: object(best) };
  };

  it('has each different object once, and knows for whom', () => {
    const root = data(['r1/a', 'r2/c', 'r1/b', 'r1/b', 'r1/a'], 'r1/b');
    const batches = batchesFor(compiled, [root], 0, ({ id }) => String(id).split('/')[0]!);
    expect(
      batches.map(({ region, inputs }) => [region, inputs[0]!.texts, inputs[0]!.places, inputs[0]!.paths]),
    ).toEqual([
      ['r1', ['{"__typename":"A","id":"r1/a"}', '{"__typename":"A","id":"r1/b"}'], [0, 1, 1, 0, 1], [0, 0, 0, 0, 1]],
      ['r2', ['{"__typename":"A","id":"r2/c"}'], [0], [0]],
    ]);
    expect(batches[0]!.inputs[0]!.targets).toEqual([0, 2, 3, 4].map(i => root.items[i]).concat(root.best));
  });
});
