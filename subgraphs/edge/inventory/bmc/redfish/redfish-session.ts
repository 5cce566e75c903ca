// Being logged in at a Redfish service: one session for all that is asked, begun when it is needed, begun again when the
// service has forgotten it, ended when nobody asks any more. BMCs have few sessions to give: 4 on some.
import { BmcError, shown } from '../bmc-error.ts';
import type { RedfishReply, RedfishTransport } from './redfish-transport.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What a later process needs to go on with a session instead of leaving it behind. Secret. */
export interface OpenSession {
  readonly token: string;
  /** Null when the service did not say where it lies. */
  readonly path: string | null;
}

export interface RedfishSession {
  /** Headers that say who asks. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The service did not take these headers: whoever asks next logs in, once for all. */
  refused(headers: Readonly<Record<string, string>>): void;
  /** What must not be shown. */
  secrets(): readonly (string | null)[];
  close(): Promise<void>;
}

export interface SessionDeps {
  readonly transport: RedfishTransport;
  readonly credentials: Credentials;
  /** Where sessions are made, as the service root says it; null when it says nothing. */
  sessions(signal: AbortSignal): Promise<string | null>;
  /** Of the process before. */
  readonly before: OpenSession | null;
  /** Called with each session that begins, and with null when it ends. */
  remember(session: OpenSession | null): Promise<void>;
}

const LOGOUT_MS = 2_000; // a BMC that does not answer forgets the session by itself

export function redfishSession({ transport, credentials, sessions, before, remember }: SessionDeps): RedfishSession {
  let open: OpenSession | null = before;
  let logins: Promise<void> | null = null;
  let usesBasic = false;
  const secrets = (): (string | null)[] => [credentials.password, basic(credentials), open?.token ?? null];
  const login = async (signal: AbortSignal): Promise<void> => {
    const path = await sessions(signal);
    if (path === null) {
      usesBasic = true; // old firmware without sessions; every Redfish service must take Basic (DSP0266, 13.3.1)
      return;
    }
    const body = { UserName: credentials.username, Password: credentials.password };
    const reply = await transport.send({ method: 'POST', path, body }, signal);
    open = sessionOf(reply, credentials, secrets());
    await remember(open);
  };
  const tokenHeaders = (): Record<string, string> | null => {
    if (usesBasic) return { authorization: `Basic ${basic(credentials)}` };
    return open ? { 'x-auth-token': open.token } : null;
  };
  return {
    secrets,
    headers: async signal => {
      const ready = tokenHeaders();
      if (ready) return ready;
      logins ??= login(signal).finally(() => {
        logins = null;
      });
      await logins;
      return tokenHeaders()!;
    },
    refused: headers => {
      if (open && headers['x-auth-token'] === open.token) open = null;
    },
    close: async () => {
      const last = open;
      open = null;
      if (!last) return;
      if (last.path !== null)
        await transport
          .send(
            { method: 'DELETE', path: last.path, headers: { 'x-auth-token': last.token } },
            AbortSignal.timeout(LOGOUT_MS),
          )
          .catch(() => undefined); // it ends by itself
      await remember(null).catch(() => undefined);
    },
  };
}

const basic = ({ username, password }: Credentials): string =>
  Buffer.from(`${username}:${password}`).toString('base64');

function sessionOf(reply: RedfishReply, { username }: Credentials, secrets: readonly (string | null)[]): OpenSession {
  const token = reply.headers['x-auth-token'];
  if (reply.status < 300 && token) {
    const location = reply.headers['location'] ?? (reply.body as { '@odata.id'?: string } | undefined)?.['@odata.id'];
    return { token, path: location === undefined ? null : pathOf(location) };
  }
  if (reply.status === 401 || reply.status === 403)
    throw new BmcError(
      'UNAUTHORIZED',
      `The BMC does not take user ${username} with the password that is known: give both anew with importHosts.`,
    );
  if (reply.status === 503 || reply.status === 429)
    throw new BmcError('BUSY', 'The BMC has no session to give just now: others hold all that it has, or it starts.');
  throw new BmcError(
    'REFUSED',
    `The BMC refused the login with HTTP ${reply.status}. ${shown(reasonOf(reply), secrets)}`.trimEnd(),
  );
}

/** Some say the whole URL: what counts is the path, at the address that we know. */
export function pathOf(location: string): string | null {
  try {
    return new URL(location, 'http://bmc').pathname;
  } catch {
    return null;
  }
}

/** What a service says of its own refusal (DSP0266, 8.6); empty when it says nothing. */
export function reasonOf({ body }: RedfishReply): string {
  const { error } = (body ?? {}) as { error?: { message?: unknown; '@Message.ExtendedInfo'?: unknown } };
  const infos = error?.['@Message.ExtendedInfo'];
  const messages = (Array.isArray(infos) ? infos : [infos])
    .map(info => (info as { Message?: unknown } | null | undefined)?.Message)
    .filter(message => typeof message === 'string');
  const words = messages.length > 0 ? messages.join(' ') : error?.message;
  return typeof words === 'string' ? words : '';
}
