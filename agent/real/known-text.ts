// Tells a real name or number from the fillers that firmware vendors leave in its place.
const FILLERS = new Set([
  '',
  '-',
  '0',
  'none',
  'unknown',
  'n/a',
  'not specified',
  'not available',
  'default string',
  'system serial number',
  'system manufacturer',
  'system product name',
  'to be filled by o.e.m.',
]);

/** Null for nothing and for fillers. */
export function knownText(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return FILLERS.has(trimmed.toLowerCase()) ? null : trimmed;
}
