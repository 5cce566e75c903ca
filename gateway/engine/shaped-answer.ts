// The answer of an edge door that wrote its fields as the client gets them: read over once, believed only when every byte is
// as it was asked for, and taken apart into the text of each field.

import { isUtf8 } from 'node:buffer';
import {
  type FieldShape,
  LONGEST_SHAPE,
  SHAPED_END,
  SHAPED_HEAD,
  type ValueShape,
} from '../../federation/answer-shape.ts';
import { planKey } from '../../federation/door-plan.ts';
import { quote } from '../../federation/json-text.ts';
import { byteAt, type Scan, scanText, scanThis, viewOf } from './json-bytes.ts';
import type { PassedText } from './passed-text.ts';
import { shapeScanner } from './shape-scanner.ts';

export interface ShapedLane {
  /** The shape for the door, as a JSON string. */
  readonly shapeText: string;
  /** Says plan and shape to a door that has seen them. */
  readonly known: string;
  /** The fields of each object, by their names in the data. */
  readonly names: readonly string[];
  /** For each object, asked for by these ids, what stands for the text of each field; null for an answer with any flaw. */
  read(bytes: Buffer, ids: readonly string[], stand: PassedText['stand']): readonly (readonly symbol[])[] | null;
}

/** Null for a shape that is too long to travel. */
export function shapedLane(fields: readonly FieldShape[], plan: string): ShapedLane | null {
  const shape = JSON.stringify(fields);
  if (shape.length > LONGEST_SHAPE) return null;
  const scans = fields.map(field => shapeScanner(shapeOfField(field)));
  return {
    shapeText: quote(shape),
    known: `"known":${quote(planKey(plan, shape))}`,
    names: fields.map(field => ('from' in field && field.from) || field.name),
    read: (bytes, ids, stand) => (isShaped(bytes) && isUtf8(bytes) ? readRows(bytes, ids, scans, stand) : null),
  };
}

function shapeOfField(field: FieldShape): ValueShape {
  if ('typename' in field) throw new Error('the type of an object at which a lane begins is known before');
  return field.value;
}

const HEAD = Buffer.from(SHAPED_HEAD);
const scanEnd = scanText(SHAPED_END);

export function isShaped(bytes: Buffer): boolean {
  for (let i = 0; i < HEAD.length; i++) if (bytes[i] !== HEAD[i]) return false;
  return true;
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/** Of bytes that are in shape by their head. */
function readRows(
  bytes: Buffer,
  ids: readonly string[],
  scans: readonly Scan[],
  stand: PassedText['stand'],
): symbol[][] | null {
  const end = bytes.length;
  const view = viewOf(bytes);
  const rows = new Array<symbol[]>(ids.length);
  let at = HEAD.length;
  for (let i = 0; i < ids.length; i++) {
    if (i > 0 && byteAt(view, at++, end) !== COMMA) return null;
    if (byteAt(view, at++, end) !== OPEN) return null;
    at = scanThis(view, at, end, ids[i]!);
    if (at < 0) return null;
    const row = new Array<symbol>(scans.length);
    for (let f = 0; f < scans.length; f++) {
      if (byteAt(view, at++, end) !== COMMA) return null;
      const from = at;
      at = scans[f]!(view, from, end);
      if (at < 0) return null;
      row[f] = stand(bytes, from, at);
    }
    if (byteAt(view, at++, end) !== CLOSE) return null;
    rows[i] = row;
  }
  return scanEnd(view, at, end) === end ? rows : null;
}
