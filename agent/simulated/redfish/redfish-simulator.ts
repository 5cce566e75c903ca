// BMCs of simulated hosts: one HTTP server, a Redfish service for each host below `/<region>/<hostname>/redfish/v1`.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { readBody } from '../../../runtime/request-body.ts';
import type { SimulatedPower } from '../simulated-power.ts';
import { type Board, type BoardPlan, openBoard } from './board.ts';
import { changeOf, type Reply, refusal, resourceReply } from './board-requests.ts';
import { type BoardSessions, boardSessions } from './board-sessions.ts';
import { type EventPosts, eventPosts } from './event-posts.ts';

export interface SimulatorDeps {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** PEM; without it the service speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly transitionMs?: number;
  readonly sessionIdleMs?: number;
  now(): number;
}

export interface SimulatedService {
  readonly board: Board;
  readonly sessions: BoardSessions;
  readonly events: EventPosts;
  /** Requests that were answered, `GET Systems/1`, oldest first; the last 1,000. */
  readonly requests: readonly string[];
}

export interface RedfishSimulator {
  /** `http://127.0.0.1:41234` */
  readonly origin: string;
  /** Begins to answer for one more host. */
  add(plan: BoardPlan, power: SimulatedPower): SimulatedService;
  find(name: string): SimulatedService | undefined;
  close(): Promise<void>;
}

const TRANSITION_MS = 3_000;
const SESSION_IDLE_MS = 1_800_000; // Redfish's usual half hour
const BODY_LIMIT = 64 * 1024;
const MOST_REQUESTS = 1_000;
const ROOT = /^\/([^/]+\/[^/]+)(\/redfish\/v1)(?:\/(.*?))?\/?$/;

interface Service extends SimulatedService {
  readonly requests: string[];
}

export async function openRedfishSimulator(deps: SimulatorDeps): Promise<RedfishSimulator> {
  const services = new Map<string, Service>();
  const dispatcher = new Agent();
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    answer(services, req, res).catch(() => res.destroy());
  };
  const server = deps.tls ? https.createServer({ ...deps.tls }, handle) : http.createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(deps.port, deps.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${deps.tls ? 'https' : 'http'}://${deps.host}:${port}`,
    add: (plan, power) => {
      const board = openBoard({ plan, power, transitionMs: deps.transitionMs ?? TRANSITION_MS, now: deps.now });
      const sessions = boardSessions(plan, deps.sessionIdleMs ?? SESSION_IDLE_MS, deps.now);
      const events = eventPosts(dispatcher);
      board.onEntry = entry => events.post(entry, `/${plan.name}/redfish/v1/Systems/1`);
      const service: Service = { board, sessions, events, requests: [] };
      services.set(plan.name, service);
      return service;
    },
    find: name => services.get(name),
    close: async () => {
      for (const { board, events } of services.values()) {
        board.close();
        events.close();
      }
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await dispatcher.destroy();
    },
  };
}

async function answer(
  services: ReadonlyMap<string, Service>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(`http://bmc${req.url ?? '/'}`);
  const [, name = '', version = '', path = ''] = ROOT.exec(url.pathname) ?? [];
  const service = services.get(name);
  if (!service) return write(res, refusal(404, 'There is no such BMC.'), false);
  const { faults } = service.board;
  const body = await readBody(req, BODY_LIMIT);
  service.requests.push(`${req.method} ${path}`);
  if (service.requests.length > MOST_REQUESTS) service.requests.shift();
  if (faults.delayMs > 0) await pause(faults.delayMs, undefined, { ref: false });
  if (faults.unreachable) {
    res.destroy();
    return;
  }
  write(res, replyOf(service, req, `/${name}${version}`, path, url.searchParams, body), faults.truncated);
}

function replyOf(
  service: Service,
  req: IncomingMessage,
  root: string,
  path: string,
  query: URLSearchParams,
  body: string,
): Reply {
  const { faults } = service.board;
  if (faults.unavailable > 0) {
    faults.unavailable--;
    const reply = refusal(503, 'The service is starting.');
    return faults.retryAfter === null ? reply : { ...reply, headers: { 'retry-after': faults.retryAfter } };
  }
  if (faults.garbage)
    return { status: 200, headers: { 'content-type': 'text/html' }, text: '<html>Please log in</html>' };
  const isOpen = path === '' || (req.method === 'POST' && path === 'SessionService/Sessions');
  if (!isOpen && !service.sessions.isOpen(req.headers)) return refusal(401, 'There is no valid session.');
  if (req.method === 'GET') return resourceReply(service, root, path, query);
  return changeOf(service, { method: String(req.method), root, path, ifMatch: req.headers['if-match'], body });
}

function write(res: ServerResponse, { status, headers, text }: Reply, isTruncated: boolean): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    ...(text === '' ? {} : { 'content-length': Buffer.byteLength(text) }),
    ...headers,
  });
  if (!isTruncated || text === '') {
    res.end(text);
    return;
  }
  res.write(text.slice(0, text.length / 2));
  setImmediate(() => res.destroy());
}
