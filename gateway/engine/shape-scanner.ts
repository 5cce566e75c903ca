// Compiles a shape into a function that reads over a value's JSON text and says whether it has that shape: these keys in
// this order, these kinds of values, null only where it may stand. So text of a region can be passed on as it came.
import type { FieldShape, ValueShape } from '../../federation/answer-shape.ts';
import { quote } from '../../federation/json-text.ts';
import type { LeafKind } from '../../federation/leaf-text.ts';
import {
  byteAt,
  type Scan,
  scanAny,
  scanBoolean,
  scanId,
  scanInt,
  scanNull,
  scanNumber,
  scanString,
} from './json-bytes.ts';

const LEAVES: Readonly<Record<LeafKind, Scan>> = {
  Int: scanInt,
  Float: scanNumber,
  Boolean: scanBoolean,
  ID: scanId,
  String: scanString,
  Any: scanAny,
};

/** The place after the value, or -1 for one that has not this shape. */
export function shapeScanner(shape: ValueShape): Scan {
  const scan = presentScanner(shape);
  // in most places no null stands: the first byte tells
  return shape.isRequired
    ? scan
    : (bytes, at, end) => (byteAt(bytes, at, end) === N ? scanNull(bytes, at, end) : scan(bytes, at, end));
}

const N = 0x6e;

function presentScanner(shape: ValueShape): Scan {
  if ('leaf' in shape) return shape.leaf === 'Any' && shape.isRequired ? notNull(scanAny) : LEAVES[shape.leaf];
  if ('values' in shape) return enumScanner(shape.values);
  if ('list' in shape) return listScanner(shapeScanner(shape.list));
  return objectScanner(shape.fields);
}

const notNull =
  (scan: Scan): Scan =>
  (bytes, at, end) =>
    byteAt(bytes, at, end) === N ? -1 : scan(bytes, at, end);

/** Generated, as objects are. */
function enumScanner(values: readonly string[]): Scan {
  const lines = values.map(value => {
    const { length, differs } = compared(quote(value));
    return `if (!(${differs})) return p + ${length};`;
  });
  return new Function(`return function (b, p, end) {\n${lines.join('\n')}\nreturn -1;\n}`)() as Scan;
}

const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;

const listScanner =
  (scan: Scan): Scan =>
  (bytes, at, end) => {
    if (byteAt(bytes, at, end) !== OPEN_LIST) return -1;
    if (byteAt(bytes, at + 1, end) === CLOSE_LIST) return at + 2;
    for (let i = at + 1; ; i++) {
      i = scan(bytes, i, end);
      if (i < 0) return -1;
      const next = byteAt(bytes, i, end);
      if (next === CLOSE_LIST) return i + 1;
      if (next !== COMMA) return -1;
    }
  };

/** Generated: the keys are compared four bytes at once, in one expression each. They are the only thing of a client in it, as numbers. */
function objectScanner(fields: readonly FieldShape[]): Scan {
  const scans: Scan[] = [];
  const lines: string[] = [];
  let before = '{';
  for (const field of fields) {
    before += `${quote(field.name)}:`;
    if ('typename' in field) before += `${quote(field.typename)},`;
    else {
      lines.push(
        passed(before),
        `p = s${scans.push(shapeScanner(field.value)) - 1}(b, p, end);`,
        'if (p < 0) return -1;',
      );
      before = ',';
    }
  }
  lines.push(passed(`${before.endsWith(',') ? before.slice(0, -1) : before}}`), 'return p;');
  const names = scans.map((_, i) => `s${i}`);
  return new Function(...names, `return function (b, p, end) {\n${lines.join('\n')}\n}`)(...scans) as Scan;
}

function passed(text: string): string {
  const { length, differs } = compared(text);
  return `if (${differs}) return -1;\np += ${length};`;
}

function compared(text: string): { readonly length: number; readonly differs: string } {
  const bytes = Buffer.from(text);
  const differs = [`p + ${bytes.length} > end`];
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) differs.push(`b.getInt32(p + ${i}, true) !== ${bytes.readInt32LE(i)}`);
  for (; i < bytes.length; i++) differs.push(`b.getUint8(p + ${i}) !== ${bytes[i]}`);
  return { length: bytes.length, differs: differs.join(' || ') };
}
