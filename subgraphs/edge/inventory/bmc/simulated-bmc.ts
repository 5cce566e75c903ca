// Takes over where a simulated host says that its BMC is: a service of the simulator on this machine.
import { z } from 'zod';
import { isLoopback } from '../../../../runtime/config.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { findSimulated, saveSimulated } from './bmc-store.ts';
import type { SecretBox } from './secret-box.ts';

/** `SimulatedBmcInput` of the SDL. */
export interface SimulatedBmc {
  readonly url: string;
  /** As the host tells it; nobody is asked there. */
  readonly ip: string;
  readonly username: string;
  readonly password: string;
}

const LOCAL = 'A simulated BMC is at http://<an address of this machine>:<port>/….';

export const SimulatedBmcChecks = z.object({
  url: z.url({ protocol: /^https?$/, error: LOCAL }).refine(isLocal, LOCAL),
  ip: z.union([z.ipv4(), z.ipv6()], 'Not an IPv4 or IPv6 address.'),
  username: z.string().regex(/^\S{1,16}$/, 'A BMC user name has 1 to 16 characters without spaces.'),
  password: z.string().min(1, 'Must not be empty.').max(255, 'At most 255 characters.'),
});

/** Nobody makes a region speak with other machines by a report. */
function isLocal(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

/** Sealing makes a new text each time: what is so already is left alone, else the BMC would look like another one. */
export async function noteSimulatedBmc(sql: Sql, secrets: SecretBox, hostId: string, bmc: SimulatedBmc): Promise<void> {
  const { url, username, password } = bmc;
  const known = await findSimulated(sql, hostId);
  if (known?.url === url && known.username === username && (await secrets.open(known.sealed)) === password) return;
  await saveSimulated(sql, { hostId, url, username, sealed: await secrets.seal(password) });
}
