// Declares hosts before they are there: one by one or from a document, all or nothing, repeatable by MAC address.
import type { DataSource } from 'typeorm';
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import { findPasswords, forgetPasswords, savePasswords } from '../bmc/bmc-password-store.ts';
import type { SecretBox } from '../bmc/secret-box.ts';
import type { HostRow } from '../hosts/host.ts';
import { publish } from '../hosts/host-service.ts';
import { findByIds, findDeclared, saveDeclared } from '../hosts/host-store.ts';
import { type Declaration, DeclarationChecks } from './declaration.ts';
import { type DeclarationOutcome, type Declared, type DeclaredHost, declareHosts, macsOf } from './declared-host.ts';
import { type Problem, readHostsXml, writeHostsXml } from './hosts-xml.ts';
import { type RedeclareHost, redeclareHost } from './redeclare-host.ts';
import { readDeclaration, writeDeclaration } from './xml-declaration.ts';

export type ImportOutcome = DeclarationOutcome | 'WOULD_CREATE' | 'WOULD_UPDATE';

export interface ImportedHost {
  readonly hostname: string | null;
  readonly managementMac: string | null;
  readonly outcome: ImportOutcome;
  readonly problems: readonly Problem[];
}

export interface ImportPayload {
  /** One for each host of the document, in its order. */
  readonly hosts: readonly ImportedHost[];
  readonly userErrors: readonly UserError[];
}

export interface ImportInput {
  readonly document: string;
  readonly dryRun?: boolean | null;
  readonly idempotencyKey?: string | null;
}

export type AddHostInput = Omit<Declaration, 'install'> & {
  readonly install?: Declaration['install'] | null;
  readonly idempotencyKey?: string | null;
};

export interface AddHostPayload {
  readonly host: HostRow | null;
  readonly userErrors: readonly UserError[];
}

export interface ProvisioningService {
  add(input: AddHostInput): Promise<AddHostPayload>;
  /** Changes what operators say of a host that is there. */
  readonly redeclare: RedeclareHost;
  importXml(input: ImportInput): Promise<ImportPayload>;
  /** The document of all hosts that have a role, and how many they are. */
  exportXml(): Promise<{ readonly document: string; readonly hosts: number }>;
}

export interface ProvisioningDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly secrets: SecretBox;
  /** Has a declared host switched on; answers why it cannot be, or null. */
  powerOn(tx: OutboxTransaction, hostId: string): Promise<string | null>;
  newId(): string;
}

export function provisioningService({
  dataSource,
  outbox,
  secrets,
  powerOn,
  newId,
}: ProvisioningDeps): ProvisioningService {
  const declare = async (tx: OutboxTransaction, declarations: readonly (Declaration | null)[]): Promise<Declared[]> => {
    const known = await findDeclared(tx.sql);
    const kept = await findPasswords(
      tx.sql,
      known.map(host => host.id),
    );
    const passwords = new Map(
      await Promise.all(kept.map(async ({ hostId, sealed }) => [hostId, await secrets.open(sealed)] as const)),
    );
    return declareHosts(declarations, known, id => passwords.get(id) ?? null, newId);
  };

  const write = async (tx: OutboxTransaction, declared: readonly Declared[]): Promise<void> => {
    const changed = declared.flatMap(({ outcome, host, bmcPassword }) =>
      host && outcome !== 'UNCHANGED' ? [{ host, bmcPassword }] : [],
    );
    const saved = await saveDeclared(
      tx.sql,
      changed.map(({ host }) => host),
    );
    await forgetPasswords(
      tx.sql,
      changed.filter(({ host }) => host.bmc === null).map(({ host }) => host.id),
    );
    const given = changed.filter(({ bmcPassword }) => bmcPassword !== null);
    await savePasswords(
      tx.sql,
      await Promise.all(
        given.map(async ({ host, bmcPassword }) => ({ hostId: host.id, sealed: await secrets.seal(bmcPassword!) })),
      ),
    );
    for (const host of saved) publish(tx, host);
  };

  /** By place: what is told of a host that was to be switched on, and will not be. */
  const switchOn = async (
    tx: OutboxTransaction,
    declarations: readonly (Declaration | null)[],
    declared: readonly Declared[],
  ): Promise<string[]> => {
    const told: string[] = [];
    for (const [i, { host, outcome }] of declared.entries()) {
      if (!host || !declarations[i]?.powerOn) continue;
      const refusal = outcome === 'CREATED' ? await powerOn(tx, host.id) : ALREADY_KNOWN;
      if (refusal !== null) told[i] = `<power_on> is not carried out: ${refusal}`;
    }
    return told;
  };

  return {
    redeclare: redeclareHost({ declare, write }),

    add: async ({ idempotencyKey, ...said }) => {
      const input = { ...withoutNulls(said), install: withoutNulls(said.install ?? {}) };
      const userErrors = inputErrors(DeclarationChecks, input);
      if (userErrors.length > 0) return { host: null, userErrors };
      const refused = (...errors: UserError[]): AddHostPayload => ({ host: null, userErrors: errors });
      const { bmcPassword, ...keyed } = input;
      return outbox.transaction(tx =>
        once(tx.sql, 'addHost', idempotencyKey, keyed, refused, async () => {
          const wanted = DeclarationChecks.parse(input);
          const known = (await findDeclared(tx.sql)).find(host => macsOf(host).includes(wanted.managementMac));
          if (known) return refused(alreadyThere(known));
          const [declared] = await declare(tx, [wanted]);
          const { host, problems } = declared!;
          if (host === null)
            return refused(...problems.map(message => ({ code: 'INVALID' as const, message, path: ['input'] })));
          await write(tx, [declared!]);
          return { host: (await findByIds(tx.sql, [host.id]))[0]!, userErrors: [] };
        }),
      );
    },

    importXml: async ({ document, dryRun, idempotencyKey }) => {
      const { hosts, fault } = readHostsXml(document);
      if (fault) return { hosts: [], userErrors: [refusal(`Line ${fault.line}: ${fault.message}`)] };
      const read = hosts.map(readDeclaration);
      const refused = (error: UserError): ImportPayload => ({ hosts: [], userErrors: [error] });
      const isTrial = dryRun === true;
      return outbox.transaction(tx =>
        once(tx.sql, 'importHosts', idempotencyKey, { document, isTrial }, refused, async () => {
          const declarations = read.map(({ declaration }) => declaration);
          const declared = await declare(tx, declarations);
          const bad = declared.filter(d => d.outcome === 'REJECTED').length;
          const isWritten = bad === 0 && !isTrial;
          if (isWritten) await write(tx, declared);
          const notes = isWritten ? await switchOn(tx, declarations, declared) : [];
          return {
            hosts: declared.map(({ outcome, host, problems }, i) => ({
              hostname: host?.hostname ?? hosts[i]!.values.hostname ?? null,
              managementMac: host?.managementMac ?? hosts[i]!.values.mgmt_mac ?? null,
              outcome: isWritten ? outcome : (WOULD[outcome] ?? outcome),
              problems: [
                ...read[i]!.problems,
                ...[...problems, ...(notes[i] ? [notes[i]] : [])].map(message => ({ line: hosts[i]!.line, message })),
              ],
            })),
            userErrors:
              bad === 0
                ? []
                : [
                    refusal(
                      `${bad} of ${hosts.length} hosts have problems: nothing was written. Mend them and send all again.`,
                    ),
                  ],
          };
        }),
      );
    },

    exportXml: async () => {
      const hosts = (await findDeclared(dataSource)).filter(host => host.personality !== null && host.managementMac);
      return { document: writeHostsXml(hosts.map(writeDeclaration)), hosts: hosts.length };
    },
  };
}

const alreadyThere = ({ hostname, identity }: DeclaredHost): UserError => ({
  code: 'ALREADY_EXISTS',
  message: `This MAC address belongs to ${hostname ?? identity}, which the region knows: change it with updateHost.`,
  path: ['input', 'managementMac'],
});

const ALREADY_KNOWN = 'the host is no new one; use powerOnHost.';

const WOULD: Readonly<Partial<Record<DeclarationOutcome, ImportOutcome>>> = {
  CREATED: 'WOULD_CREATE',
  UPDATED: 'WOULD_UPDATE',
};

const refusal = (message: string): UserError => ({ code: 'INVALID', message, path: ['input', 'document'] });

const withoutNulls = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as T;
