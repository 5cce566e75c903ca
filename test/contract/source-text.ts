// Splits TypeScript text into code, comments and string literals, well enough for the architecture rules. No parser:
// TypeScript 7 has no JavaScript API to ask, and the rules need no types.

export interface SourceText {
  /** Without comments; literals emptied, so that a word in a message is no code. */
  readonly code: string;
  /** What stands between quotes or backticks; `${…}` in a template stands as `x`. */
  readonly literals: readonly string[];
  /** Module specifiers of static and dynamic imports and of re-exports. */
  readonly imports: readonly string[];
}

const IMPORTS = [
  /(?:^|[\n;])\s*(?:import|export)\b[^'"`;]*?\bfrom\s*§(\d+)§/g,
  /(?:^|[\n;])\s*import\s*§(\d+)§/g,
  /\bimport\s*\(\s*§(\d+)§/g,
];
/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+~>]|\breturn|\btypeof|\bcase)\s*$/;

export function readSource(text: string): SourceText {
  const literals: string[] = [];
  // Every literal becomes §<its index>§: import patterns can then be matched without minding what literals hold.
  const marked = scan(text, 0, literals, null).out;
  const imports = IMPORTS.flatMap(pattern => [...marked.matchAll(pattern)].map(match => literals[Number(match[1])]!));
  return { code: marked.replace(/§\d+§/g, "''"), literals, imports };
}

interface Scanned {
  readonly out: string;
  readonly end: number;
}

/** Reads code until the text ends or, inside a template's `${`, until its closing brace. */
function scan(text: string, from: number, literals: string[], until: '}' | null): Scanned {
  let out = '';
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const skipped = skip(text, at, out, literals);
    if (skipped) {
      out += skipped.out;
      at = skipped.end;
      continue;
    }
    const char = text[at]!;
    if (until !== null && char === '}' && depth === 0) return { out, end: at + 1 };
    if (char === '{') depth++;
    if (char === '}') depth--;
    out += char;
    at++;
  }
  return { out, end: text.length };
}

/** A comment, literal or regular expression that begins here; null where plain code goes on. */
function skip(text: string, at: number, before: string, literals: string[]): Scanned | null {
  const char = text[at]!;
  if (text.startsWith('//', at)) return { out: '', end: endOf(text, '\n', at, 0) };
  if (text.startsWith('/*', at)) return { out: ' ', end: endOf(text, '*/', at + 2, 2) };
  if (char === "'" || char === '"') return quoted(text, at, char, literals);
  if (char === '`') return template(text, at, literals);
  if (char === '/' && BEFORE_REGEX.test(before.slice(-20))) return { out: '/ /', end: endOfRegex(text, at + 1) };
  return null;
}

function endOf(text: string, mark: string, from: number, length: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + length;
}

function keep(literal: string, end: number, literals: string[], inner = ''): Scanned {
  literals.push(literal);
  return { out: `§${literals.length - 1}§${inner}`, end };
}

function quoted(text: string, from: number, quote: string, literals: string[]): Scanned {
  let at = from + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return keep(text.slice(from + 1, at), at + 1, literals);
}

function template(text: string, from: number, literals: string[]): Scanned {
  let literal = '';
  let inner = '';
  let at = from + 1;
  while (at < text.length && text[at] !== '`') {
    if (text.startsWith('${', at)) {
      const code = scan(text, at + 2, literals, '}');
      inner += ` ${code.out} `;
      literal += 'x';
      at = code.end;
      continue;
    }
    const length = text[at] === '\\' ? 2 : 1;
    literal += text.slice(at, at + length);
    at += length;
  }
  return keep(literal, at + 1, literals, inner);
}

function endOfRegex(text: string, from: number): number {
  let inClass = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if ((char === '/' && !inClass) || char === '\n') return at + 1;
  }
  return text.length;
}
