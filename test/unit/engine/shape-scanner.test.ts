// The scanners against JSON.parse: they accept what it accepts and the shape allows, to the byte, and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldShape, ValueShape } from '../../../federation/answer-shape.ts';
import { readShape } from '../../../federation/answer-shape.ts';
import type { LeafKind } from '../../../federation/leaf-text.ts';
import { shapeWriter } from '../../../federation/shape-writer.ts';
import { type Scan, scanAny, scanThis, viewOf } from '../../../gateway/engine/json-bytes.ts';
import { shapeScanner } from '../../../gateway/engine/shape-scanner.ts';

/** Whether the whole text is one value of that kind. */
const accepts = (scan: Scan, text: string): boolean => {
  const bytes = Buffer.from(text);
  return scan(viewOf(bytes), 0, bytes.length) === bytes.length;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON with a few characters changed, taken out or put in: mostly none any more. */
const broken: fc.Arbitrary<string> = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 1 }), fc.constantFrom(...'{}[]",:\\u0019eE+-.tfn\n\u0001 é'.split(''))), {
      maxLength: 3,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((now, [at, taken, put]) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + put + now.slice(place + taken);
    }, text),
  );

const compact = (text: string): boolean => !/[\s]/.test(text.replace(/"(\\.|[^"\\])*"/g, ''));

describe('any JSON', () => {
  it('is read over to its end', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), text => accepts(scanAny, text)),
      { numRuns: 500 },
    );
  });

  it('is what JSON.parse takes, without white space between its parts', () => {
    fc.assert(
      fc.property(broken, text => {
        expect(accepts(scanAny, text)).toBe(isJson(text) && compact(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '1e+',
    '+1',
    '0x1',
    'NaN',
    'nul',
    'tru',
    '"',
    '"\\',
    '"\\u12',
    '"\\u12g4"',
    '"\\x"',
    '"a\nb"',
    '"\u0000"',
    '[',
    '[1',
    '[1,',
    '[,]',
    '[1,]',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{a:1}',
    '{1:2}',
    '',
    ' 1',
    '1 ',
  ])('is not %j', text => expect(accepts(scanAny, text)).toBe(false));

  it.each(['0', '-0', '-1.5e-3', '1E5', '10', '"\\u00e9\\n\\/"', '"ü🐦"', '[]', '{}', '[[],{}]', '{"__proto__":1}'])(
    'is %s',
    text => expect(accepts(scanAny, text)).toBe(true),
  );

  it('stops in a string where JSON.parse does, wherever in a word of bytes that stands', () => {
    const odd = ['\0', '\x1f', ' ', '!', '"', '#', '[', '\\', ']', '\\n', '\\"', '\\u00e9', '\x7f', '\x80', 'ü', '🐦'];
    for (const before of Array.from({ length: 10 }, (_, n) => 'a'.repeat(n)))
      for (const one of odd)
        for (const other of ['', ...odd])
          for (const after of ['', 'bbbbb']) {
            const text = `"${before}${one}${other}${after}"`;
            expect([text, accepts(scanAny, text)]).toEqual([text, isJson(text)]);
          }
  });

  it('nested without end is refused, not followed', () => {
    expect(accepts(scanAny, `${'['.repeat(60)}${']'.repeat(60)}`)).toBe(true);
    expect(accepts(scanAny, `${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe(false);
  });
});

const leaf = fc
  .constantFrom<LeafKind>('Int', 'Float', 'Boolean', 'ID', 'String', 'Any')
  .map((kind): ValueShape => ({ leaf: kind }));
const nameOf = fc.oneof(fc.constantFrom('id', '__proto__', 'constructor', 'ü'), fc.stringMatching(/^[a-z]{1,9}$/));
const shapes: fc.Arbitrary<ValueShape> = fc.letrec<{ value: ValueShape; bare: ValueShape }>(tie => ({
  value: fc.tuple(tie('bare'), fc.boolean()).map(([bare, isRequired]) => (isRequired ? { ...bare, isRequired } : bare)),
  bare: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.uniqueArray(nameOf, { minLength: 1, maxLength: 4 }).map((values): ValueShape => ({ values })),
    tie('value').map((list): ValueShape => ({ list })),
    fc
      .uniqueArray(
        fc.oneof(
          fc.record({ name: nameOf, value: tie('value') }),
          fc.record({ name: nameOf, typename: fc.constant('Host') }),
        ),
        { selector: ({ name }) => name, maxLength: 4 },
      )
      .map((fields): ValueShape => ({ fields: fields as FieldShape[] })),
  ),
})).value;

/** A value that has the shape, as data. */
function dataOf(shape: ValueShape, dice: () => number): unknown {
  if (!shape.isRequired && dice() % 4 === 0) return dice() % 2 === 0 ? null : undefined;
  if ('values' in shape) return shape.values[dice() % shape.values.length];
  if ('list' in shape) return Array.from({ length: dice() % 4 }, () => dataOf(shape.list, dice));
  if ('fields' in shape)
    return Object.fromEntries(
      shape.fields.flatMap(field => ('value' in field ? [[field.name, dataOf(field.value, dice)]] : [])),
    );
  const texts = ['', 'a "quoted" one', 'ü\u2028🐦', '\u0000\n\\', '\ud800'];
  switch (shape.leaf) {
    case 'Int':
      return (dice() % 2_001) - 1_000;
    case 'Float':
      return [0, -1.5, 1e300, 1e-7, 12][dice() % 5];
    case 'Boolean':
      return dice() % 2 === 0;
    case 'Any':
      return [{ a: [1, null] }, 'x', 3, []][dice() % 4];
    default:
      return texts[dice() % texts.length];
  }
}

const diceOf = (numbers: readonly number[]): (() => number) => {
  let at = 0;
  return () => numbers[at++ % numbers.length]!;
};
const rolls = fc.array(fc.nat(), { minLength: 20, maxLength: 60 });

it('a text that is known is read over, and no other', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '"', '\\\\', '\\u0001', '\\u007f', 'é', '\\ud800'),
    maxLength: 6,
  });
  const check = fc.property(text, text, fc.nat({ max: 3 }), (known, given, cut) => {
    const bytes = Buffer.from(` ${JSON.stringify(given)},`);
    const end = bytes.length - 1;
    const after = scanThis(viewOf(bytes), 1, end, known);
    expect(after).toBe(known === given ? end : -1);
    if (cut > 0) expect(scanThis(viewOf(bytes), 1, Math.max(1, end - cut), given)).toBe(-1);
  });
  fc.assert(check, {
    numRuns: 2_000,
    examples: [
      ['edge-1', 'edge-1', 1],
      ['edge-1', 'edge-2', 0],
      ['', '', 2],
    ],
  });
});

describe('a shape', () => {
  it('is what its writer writes, and travels as JSON', () => {
    fc.assert(
      fc.property(shapes, rolls, (shape, numbers) => {
        const text = shapeWriter(shape)(dataOf(shape, diceOf(numbers)));
        expect(isJson(text)).toBe(true);
        expect(accepts(shapeScanner(shape), text)).toBe(true);
        if ('fields' in shape) expect(readShape(JSON.stringify(shape.fields))).toEqual(shape.fields);
      }),
      { numRuns: 500 },
    );
  });

  it('takes nothing that is no JSON, whatever was changed in its text', () => {
    fc.assert(
      fc.property(
        shapes,
        rolls,
        fc.nat(),
        fc.constantFrom('', '"', '{', ',', 'x', '\n', '0'),
        (shape, numbers, at, put) => {
          const text = shapeWriter(shape)(dataOf(shape, diceOf(numbers)));
          const place = at % text.length;
          const changed = text.slice(0, place) + put + text.slice(place + 1);
          for (const given of [changed, text.slice(0, -1)])
            if (accepts(shapeScanner(shape), given)) expect(isJson(given)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  const host: ValueShape = {
    fields: [
      { name: 'id', value: { isRequired: true, leaf: 'ID' } },
      { name: 'type', typename: 'Host' },
      { name: 'state', value: { values: ['UP', 'DOWN'] } },
      { name: 'cpus', value: { list: { isRequired: true, leaf: 'Int' } } },
    ],
  };
  it.each([
    '{"id":"a","type":"Host","state":"UP","cpus":[1,2]}',
    '{"id":1,"type":"Host","state":null,"cpus":[]}',
    '{"id":"","type":"Host","state":"DOWN","cpus":null}',
    'null',
  ])('takes %s', text => expect(accepts(shapeScanner(host), text)).toBe(true));

  it.each([
    ['a key too few', '{"id":"a","type":"Host","state":"UP"}'],
    ['a key too many', '{"id":"a","type":"Host","state":"UP","cpus":[],"x":1}'],
    ['another order', '{"type":"Host","id":"a","state":"UP","cpus":[]}'],
    ['another type', '{"id":"a","type":"Port","state":"UP","cpus":[]}'],
    ['null where none may be', '{"id":null,"type":"Host","state":"UP","cpus":[]}'],
    ['null in a list of none', '{"id":"a","type":"Host","state":"UP","cpus":[null]}'],
    ['a value that the enum has not', '{"id":"a","type":"Host","state":"UPP","cpus":[]}'],
    ['a fraction for an Int', '{"id":"a","type":"Host","state":"UP","cpus":[1.5]}'],
    ['an object for a list', '{"id":"a","type":"Host","state":"UP","cpus":{}}'],
    ['an object for a value', '{"id":{},"type":"Host","state":"UP","cpus":[]}'],
    ['white space', '{"id":"a", "type":"Host","state":"UP","cpus":[]}'],
    ['a key twice', '{"id":"a","id":"b","type":"Host","state":"UP","cpus":[]}'],
  ])('refuses %s', (_what, text) => expect(accepts(shapeScanner(host), text)).toBe(false));

  it('refuses each text that breaks off, and does not look at what stands behind it', () => {
    const text = '{"id":"a long one","type":"Host","state":"DOWN","cpus":[1,-20]}';
    const whole = Buffer.from(text);
    for (let length = 0; length < whole.length; length++)
      expect(shapeScanner(host)(viewOf(whole.subarray(0, length)), 0, length)).toBe(-1);
  });

  it.each([...'{"id":"a","type":"Host","state":"DOWN","cpus":[]}'].map((_, at) => at))(
    'is not the text with another byte at %i, unless that is a value',
    at => {
      const bytes = Buffer.from('{"id":"a","type":"Host","state":"DOWN","cpus":[]}');
      bytes[at] = 0x7e;
      expect(accepts(shapeScanner(host), bytes.toString())).toBe(at === 7);
    },
  );

  it('of a required own scalar is no null', () => {
    expect(accepts(shapeScanner({ leaf: 'Any', isRequired: true }), 'null')).toBe(false);
    expect(accepts(shapeScanner({ leaf: 'Any', isRequired: true }), '{"a":null}')).toBe(true);
  });
});
