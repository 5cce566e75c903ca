// Why a board management controller did not do what was asked. The message is for operators and never holds a secret.

/**
 * UNREACHABLE: no connection. SILENT: no answer in time. BUSY: it says to come again later. UNTRUSTED: its certificate is
 * not to be trusted. UNAUTHORIZED: it does not take the user or the password. REFUSED: it says no. GARBLED: no answer that
 * can be read. UNSUPPORTED: it cannot do that. NO_TOOL: ipmitool is not there. NO_PASSWORD: none is known.
 */
export type BmcErrorCode =
  | 'UNREACHABLE'
  | 'SILENT'
  | 'BUSY'
  | 'UNTRUSTED'
  | 'UNAUTHORIZED'
  | 'REFUSED'
  | 'GARBLED'
  | 'UNSUPPORTED'
  | 'NO_TOOL'
  | 'NO_PASSWORD';

export class BmcError extends Error {
  readonly code: BmcErrorCode;
  constructor(code: BmcErrorCode, message: string) {
    super(message); // without the cause: what libraries put there may hold headers
    this.name = 'BmcError';
    this.code = code;
  }
}

/** What may go away by itself. */
export const isPassing = ({ code }: BmcError): boolean =>
  code === 'UNREACHABLE' || code === 'SILENT' || code === 'BUSY' || code === 'GARBLED';

/** Text of a BMC or of a tool, fit to be shown: without these secrets, on one line, not long. */
export function shown(text: string, secrets: readonly (string | null)[]): string {
  const hidden = secrets.reduce<string>(
    (rest, secret) => (secret ? rest.replaceAll(secret, '***') : rest),
    text.slice(0, 4_000),
  );
  return hidden
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
