// What a simulated BMC answers to one request of somebody who is logged in, or logs in.
import { createHash } from 'node:crypto';
import type { Board } from './board.ts';
import { RESET_TYPES, resourceAt, without } from './board-resources.ts';
import type { BoardSessions } from './board-sessions.ts';
import type { EventPosts } from './event-posts.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

interface Service {
  readonly board: Board;
  readonly sessions: BoardSessions;
  readonly events: EventPosts;
}

export interface ChangeRequest {
  readonly method: string;
  /** `/<region>/<hostname>/redfish/v1` */
  readonly root: string;
  /** Below the root. */
  readonly path: string;
  readonly ifMatch: string | undefined;
  readonly body: string;
}

const BLOAT = 5 * 1024 * 1024; // bytes
const NOTHING: Reply = { status: 204, headers: {}, text: '' };

/** DSP0266, 8.6. */
export function refusal(status: number, message: string): Reply {
  const info = { MessageId: 'Base.1.18.GeneralError', Message: message, MessageSeverity: 'Warning' };
  const error = { code: 'Base.1.18.GeneralError', message, '@Message.ExtendedInfo': [info] };
  return { status, headers: {}, text: JSON.stringify({ error }) };
}

export function resourceReply({ board, events }: Service, root: string, path: string, query: URLSearchParams): Reply {
  const found = subscriptionAt(events, root, path) ?? resourceAt(board, root, path, query);
  return found === null ? refusal(404, `There is no ${path}.`) : resourceOf(board, 200, found);
}

function subscriptionAt(events: EventPosts, root: string, path: string): object | null {
  const [id] = /^EventService\/Subscriptions\/(.+)$/.exec(path)?.slice(1) ?? [];
  const found = id === undefined ? null : events.find(id);
  if (found) return { '@odata.id': `${root}/${path}`, Destination: found.destination, Status: { State: 'Enabled' } };
  if (path !== 'EventService/Subscriptions') return null;
  const members = events.ids.map(one => ({ '@odata.id': `${root}/${path}/${one}` }));
  return { '@odata.id': `${root}/${path}`, Members: members, 'Members@odata.count': members.length };
}

function resourceOf({ faults }: Board, status: number, resource: object, headers: Reply['headers'] = {}): Reply {
  const whole = { ...resource, ...(faults.bloated ? { Oem: 'x'.repeat(BLOAT) } : {}) };
  const text = JSON.stringify(without(whole, faults.missing));
  return { status, headers: { etag: etagOf(text), ...headers }, text };
}

const etagOf = (text: string): string => `W/"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;

export function changeOf(service: Service, request: ChangeRequest): Reply {
  const { board, sessions, events } = service;
  const { method, root, path, body } = request;
  const input = parsed(body);
  if (input === null) return refusal(400, 'The body is no JSON object.');
  const words = board.faults.echoes ? ` You sent: ${body}` : '';
  const [kind, id] = /^(SessionService\/Sessions|EventService\/Subscriptions)\/(.+)$/.exec(path)?.slice(1) ?? [];
  if (method === 'DELETE' && id !== undefined) {
    const isGone = kind === 'SessionService/Sessions' ? sessions.end(id) : events.remove(id);
    return isGone ? NOTHING : refusal(404, 'It is not there.');
  }
  switch (`${method} ${path}`) {
    case 'POST SessionService/Sessions':
      return login(service, root, input, words);
    case 'POST EventService/Subscriptions':
      return subscribe(service, root, input, words);
    case 'POST Systems/1/Actions/ComputerSystem.Reset':
      return resetTo(board, String(input['ResetType']), words);
    case 'PATCH Systems/1':
      return patchBoot(board, root, request.ifMatch, input);
    default:
      return refusal(405, `${method} is not allowed here.`);
  }
}

type Input = Readonly<Record<string, unknown>>;

function login({ board, sessions }: Service, root: string, input: Input, words: string): Reply {
  const session = sessions.open(input['UserName'], input['Password']);
  if (session === null) return refusal(401, `Wrong user or password.${words}`);
  if (session === 'FULL') return refusal(503, 'The maximum number of user sessions is reached.');
  const at = `${root}/SessionService/Sessions/${session.id}`;
  return resourceOf(board, 201, { '@odata.id': at, Id: session.id }, { 'x-auth-token': session.token, location: at });
}

function subscribe({ board, events }: Service, root: string, input: Input, words: string): Reply {
  if (board.faults.oldEvents && 'EventFormatType' in input)
    return refusal(400, `The property EventFormatType is unknown.${words}`);
  const made = events.add(input['Destination'], input['Context']);
  if (made === null) return refusal(400, `Destination is no URL.${words}`);
  // the whole URL, as some services say it
  return resourceOf(board, 201, { Id: made }, { location: `http://bmc${root}/EventService/Subscriptions/${made}` });
}

function resetTo(board: Board, type: string, words: string): Reply {
  if (!(board.faults.resetTypes ?? RESET_TYPES).includes(type))
    return refusal(400, `The value ${type} for ResetType is not in the list of acceptable values.${words}`);
  return board.reset(type) ? NOTHING : refusal(409, `${type} is not possible while the system is off.${words}`);
}

function patchBoot(board: Board, root: string, ifMatch: string | undefined, input: Input): Reply {
  const { faults, boot } = board;
  const now = JSON.stringify(without(resourceAt(board, root, 'Systems/1', new URLSearchParams()), faults.missing));
  if (ifMatch === undefined) return refusal(428, 'Send If-Match.');
  const wanted = faults.fussyEtags ? etagOf(now).replace(/^W\//, '') : etagOf(now);
  if (ifMatch !== wanted) return refusal(412, 'The resource was changed meanwhile.');
  const { BootSourceOverrideEnabled, BootSourceOverrideTarget } = (input['Boot'] ?? {}) as Record<string, unknown>;
  boot.enabled = String(BootSourceOverrideEnabled ?? boot.enabled);
  boot.target = String(BootSourceOverrideTarget ?? boot.target);
  return NOTHING;
}

function parsed(text: string): Input | null {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Input) : null;
  } catch {
    return null;
  }
}
