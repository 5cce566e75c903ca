// Writes values in the shape that a client asked for, as JSON text. For values that have no flaw: whoever gets none from
// here hands its data over as it is, and the centre, which knows how flaws are told, writes them.
import { type FieldShape, SHAPED_END, SHAPED_HEAD, type ValueShape } from './answer-shape.ts';
import { jsonText, quote } from './json-text.ts';
import { enumText, leafText } from './leaf-text.ts';
import { getOwn, isInherited, isObject } from './own-property.ts';

/** '' for a value with a flaw. */
export type ShapeWriter = (value: unknown) => string;

export function shapeWriter(shape: ValueShape): ShapeWriter {
  const write = presentWriter(shape);
  const missing = shape.isRequired ? '' : 'null';
  return value => (value === null || value === undefined ? missing : write(value));
}

/** Writes a whole answer in shape; '' when any object has a flaw. */
export function shapedAnswerWriter(fields: readonly FieldShape[]): (roots: readonly unknown[]) => string {
  const writers = writersOf(fields);
  return roots => {
    let text = '';
    for (const [i, root] of roots.entries()) {
      if (!isObject(root)) return '';
      text += `${i === 0 ? '' : ','}[${jsonText(root['id'])}`;
      for (const { read, write } of writers) {
        const written = write(read(root));
        if (written === '') return '';
        text += `,${written}`;
      }
      text += ']';
    }
    return `${SHAPED_HEAD}${text}${SHAPED_END}`;
  };
}

/** Of values that are there. */
function presentWriter(shape: ValueShape): ShapeWriter {
  if ('leaf' in shape) return leafText(shape.leaf);
  if ('values' in shape) return enumText(shape.values);
  if ('list' in shape) return listWriter(shapeWriter(shape.list));
  return objectWriter(shape.fields);
}

function listWriter(write: ShapeWriter): ShapeWriter {
  return value => {
    if (!Array.isArray(value)) return '';
    let text = '';
    for (let i = 0; i < value.length; i++) {
      const written = write(value[i]);
      if (written === '') return '';
      text += i === 0 ? written : `,${written}`;
    }
    return `[${text}]`;
  };
}

interface FieldWriter {
  readonly name: string;
  readonly read: (object: Readonly<Record<string, unknown>>) => unknown;
  readonly write: ShapeWriter;
}

const writersOf = (fields: readonly FieldShape[]): FieldWriter[] =>
  fields.map(field => {
    const { name } = field;
    if ('typename' in field) return { name, read: () => field.typename, write: leafText('String') };
    const from = field.from ?? name;
    const read: FieldWriter['read'] = isInherited(from) ? object => getOwn(object, from) : object => object[from];
    return { name, read, write: shapeWriter(field.value) };
  });

function objectWriter(fields: readonly FieldShape[]): ShapeWriter {
  const writers = writersOf(fields).map(writer => ({ ...writer, before: `${quote(writer.name)}:` }));
  return value => {
    if (!isObject(value)) return '';
    let text = '';
    for (const { before, read, write } of writers) {
      const written = write(read(value));
      if (written === '') return '';
      text += `${text === '' ? '' : ','}${before}${written}`;
    }
    return `{${text}}`;
  };
}
