// Writes JSON by hand where JSON.stringify would cost a call per value.

// Characters that JSON, or JSON.stringify for lone surrogates, writes as an escape.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

export const quote = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);

/** Any value as JSON text; undefined, which JSON does not know, is null. */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? `${value}` : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'null';
    default:
      return value === null ? 'null' : (JSON.stringify(value) ?? 'null');
  }
}

/**
 * The same text, at one byte a character where that is enough. V8 keeps what was cut out of a text with wider characters, such as
 * an SDL file with an ellipsis in it, at two bytes a character, and all that it is joined with.
 */
export const narrow = (text: string): string => Buffer.from(text).toString();
