// Opens the way to a BMC: by what its type says, and for DYNAMIC by Redfish when it answers, else by IPMI.
import type { Config } from '../../../../runtime/config.ts';
import { type BmcAccess, type KnownAccess, originOf, rootPathOf } from './bmc-access.ts';
import { BmcError } from './bmc-error.ts';
import type { BoardController, Protocol } from './board-controller.ts';
import { ipmiController } from './ipmi/ipmi-controller.ts';
import { ipmitool } from './ipmi/ipmitool.ts';
import { redfishClient } from './redfish/redfish-client.ts';
import { redfishController } from './redfish/redfish-controller.ts';
import type { OpenSession } from './redfish/redfish-session.ts';
import { redfishTransport } from './redfish/redfish-transport.ts';

export interface OpenDeps {
  readonly settings: Config['inventory']['bmc'];
  /** PEM of settings.tls.caFile beside those that Node comes with; null when there is none. */
  readonly authorities: string | null;
  readonly password: string;
  readonly session: OpenSession | null;
  rememberSession(session: OpenSession | null): Promise<void>;
  rememberFingerprint(fingerprint: string): void;
  /** How long to wait after the n-th try of a request, where the BMC says nothing. */
  pauseMs(attempt: number): number;
}

export function openRedfish(access: KnownAccess, deps: OpenDeps): BoardController {
  const { settings } = deps;
  let first: string | null = null;
  const pinned = settings.tls.fingerprints[access.ip] ?? null;
  const isFirstUse = pinned === null && settings.tls.trust === 'FIRST_USE';
  const transport = redfishTransport({
    origin: originOf(access),
    deadlineMs: settings.requestDeadlineMs,
    trust: {
      authorities: deps.authorities,
      fingerprint: () => pinned ?? (isFirstUse ? (access.fingerprint ?? first) : null),
      onFirst: isFirstUse
        ? fingerprint => {
            first = fingerprint;
            deps.rememberFingerprint(fingerprint);
          }
        : null,
    },
  });
  const client = redfishClient({
    transport,
    credentials: { username: access.username, password: deps.password },
    rootPath: rootPathOf(access),
    session: { before: deps.session, remember: deps.rememberSession },
    pauseMs: deps.pauseMs,
  });
  return redfishController({ client, serialNumber: access.serialNumber });
}

export const openIpmi = (access: BmcAccess, { settings, password }: OpenDeps): BoardController =>
  ipmiController(ipmitool({ tool: settings.ipmitool, ip: access.ip, username: access.username, password }));

/** What a DYNAMIC BMC speaks: asked once, and remembered by the caller. */
export async function protocolOf(access: KnownAccess, deps: OpenDeps, signal: AbortSignal): Promise<Protocol> {
  if (access.type !== 'DYNAMIC') return access.type;
  if (access.protocol !== null) return access.protocol;
  const redfish = openRedfish(access, { ...deps, session: null });
  const failed = await redfish.power(signal).then(
    () => null,
    (error: unknown) => error,
  );
  await redfish.close();
  if (!(failed instanceof BmcError)) {
    if (failed !== null) throw failed;
    return 'REDFISH';
  }
  if (!NO_REDFISH.has(failed.code)) throw failed;
  const found = await openIpmi(access, deps)
    .power(signal)
    .catch((error: unknown) => error);
  if (typeof found === 'string') return 'IPMI';
  const words = found instanceof Error ? found.message : String(found);
  throw new BmcError(failed.code, `Neither Redfish nor IPMI answers. ${failed.message} ${words}`);
}

/** Where nobody who speaks Redfish answered; whoever refuses a password does speak it. */
const NO_REDFISH = new Set(['UNREACHABLE', 'SILENT', 'GARBLED', 'UNSUPPORTED']);
