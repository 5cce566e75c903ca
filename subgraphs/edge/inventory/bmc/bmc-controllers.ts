// The open ways to the BMCs of a region, one for each host: opened when they are needed, opened anew when the way changed.
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Config } from '../../../../runtime/config.ts';
import type { Logger } from '../../../../runtime/log.ts';
import { accessKey, type BmcAccess } from './bmc-access.ts';
import { BmcError } from './bmc-error.ts';
import type { BmcStatusRow } from './bmc-status.ts';
import { beginStatus, saveStatus } from './bmc-store.ts';
import type { BoardController } from './board-controller.ts';
import { type OpenDeps, openIpmi, openRedfish, protocolOf } from './open-controller.ts';
import type { OpenSession } from './redfish/redfish-session.ts';
import type { SecretBox } from './secret-box.ts';

export interface BmcControllers {
  /** What is known of the BMC; null when the host was deleted. */
  status(access: BmcAccess): Promise<BmcStatusRow | null>;
  open(access: BmcAccess, status: BmcStatusRow, signal: AbortSignal): Promise<BoardController>;
  /** Of hosts that have none any more. */
  keepOnly(hostIds: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export interface ControllersDeps {
  readonly dataSource: DataSource;
  readonly secrets: SecretBox;
  readonly settings: Config['inventory']['bmc'];
  /** PEM; null for those that Node comes with. */
  readonly authorities: string | null;
  readonly log: Logger;
}

interface Opened {
  readonly access: string;
  readonly controller: Promise<BoardController>;
}

export function bmcControllers(deps: ControllersDeps): BmcControllers {
  const opened = new Map<string, Opened>();
  const end = async (hostId: string): Promise<void> => {
    const before = opened.get(hostId);
    opened.delete(hostId);
    await before?.controller.then(
      controller => controller.close(),
      () => undefined, // it never opened
    );
  };
  return {
    status: access => beginStatus(deps.dataSource, access.hostId, fingerprintOf(access)),
    open: (access, status, signal) => {
      const known = opened.get(access.hostId);
      if (known?.access === status.access) return known.controller;
      void end(access.hostId);
      const controller = openOne(deps, access, status, signal);
      opened.set(access.hostId, { access: status.access, controller });
      controller.catch(() => {
        if (opened.get(access.hostId)?.controller === controller) opened.delete(access.hostId);
      });
      return controller;
    },
    keepOnly: async hostIds => {
      await Promise.all([...opened.keys()].filter(id => !hostIds.has(id)).map(end));
    },
    close: async () => {
      await Promise.all([...opened.keys()].map(end));
    },
  };
}

const fingerprintOf = (access: BmcAccess): string => createHash('sha256').update(accessKey(access)).digest('hex');

async function openOne(
  { dataSource, secrets, settings, authorities, log }: ControllersDeps,
  access: BmcAccess,
  status: BmcStatusRow,
  signal: AbortSignal,
): Promise<BoardController> {
  const password = access.sealedPassword === null ? null : await secrets.open(access.sealedPassword);
  if (password === null)
    throw new BmcError(
      'NO_PASSWORD',
      access.sealedPassword === null
        ? 'No password of the BMC is known: give it as bm_password with importHosts.'
        : 'The password of the BMC was sealed with another key than this region has: give it anew with importHosts.',
    );
  const session = status.session === null ? null : await secrets.open(status.session);
  const open: OpenDeps = {
    settings,
    authorities,
    password,
    session: session === null ? null : (JSON.parse(session) as OpenSession),
    rememberSession: async next =>
      saveStatus(dataSource, status, { session: next === null ? null : await secrets.seal(JSON.stringify(next)) }),
    rememberFingerprint: fingerprint => {
      log.warn({ host: access.hostname, bmc: access.ip, fingerprint }, 'first certificate of a BMC taken as its own');
      void saveStatus(dataSource, status, { fingerprint }).catch(error =>
        log.error({ err: error }, 'certificate of a BMC not kept'),
      );
    },
    pauseMs: attempt => FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2),
  };
  const known = { ...access, protocol: status.protocol, fingerprint: status.fingerprint };
  const protocol = await protocolOf(known, open, signal);
  if (protocol !== status.protocol) await saveStatus(dataSource, status, { protocol });
  return protocol === 'REDFISH' ? openRedfish(known, open) : openIpmi(access, open);
}

const FIRST_PAUSE_MS = 250; // doubles; half of it is chance, so that BMCs behind one switch are not asked in step
