// What an operator changes of a host that is there: its name, its role, how it is reached and installed. The rules are those
// of declarations: a role is for life, and what a host was started with changes only while it is locked.
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { HostRow } from '../hosts/host.ts';
import { type Declaration, DeclarationChecks } from './declaration.ts';
import type { Declared } from './declared-host.ts';

/** Fields that are undefined or null stay as they are. */
export type SaidOfHost = {
  readonly [Field in
    | 'hostname'
    | 'personality'
    | 'subfunctions'
    | 'managementIp'
    | 'location'
    | 'bmc'
    | 'bmcPassword']?: Declaration[Field] | null;
} & { readonly install?: Declaration['install'] | null };

/** Answers why it cannot be; then nothing was changed. */
export type RedeclareHost = (tx: OutboxTransaction, host: HostRow, said: SaidOfHost) => Promise<readonly UserError[]>;

export interface RedeclareDeps {
  /** The declaration of one host, and the rest of the region as it is. */
  declare(tx: OutboxTransaction, declarations: readonly Declaration[]): Promise<Declared[]>;
  write(tx: OutboxTransaction, declared: readonly Declared[]): Promise<void>;
}

export const redeclareHost =
  ({ declare, write }: RedeclareDeps): RedeclareHost =>
  async (tx, host, said) => {
    const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null && value !== undefined));
    if (Object.keys(given).length === 0) return [];
    const personality = said.personality ?? host.personality;
    if (personality === null)
      return [
        {
          code: 'HOST_INCOMPLETE',
          message: 'The host has no role yet: give it a personality with the rest.',
          path: ['input', 'personality'],
        },
      ];
    const knownBy = host.managementMac ?? host.identity;
    const fields = { ...given, install: withoutNulls(said.install ?? {}), personality };
    const checks = DeclarationChecks.omit({ managementMac: true });
    const userErrors = inputErrors(checks, fields);
    if (userErrors.length > 0) return userErrors;
    const wanted: Declaration = { ...checks.parse(fields), managementMac: knownBy.toLowerCase() };
    const [declared] = await declare(tx, [wanted]);
    if (!declared?.host)
      return (declared?.problems ?? []).map(message => ({ code: codeOf(message), message, path: ['input'] }));
    await write(tx, [{ ...declared, host: { ...declared.host, managementMac: host.managementMac } }]);
    return [];
  };

const codeOf = (message: string): UserError['code'] =>
  message.startsWith('The host is unlocked') ? 'HOST_UNLOCKED' : 'INVALID';

const withoutNulls = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as T;
