// A Kubernetes API over real HTTP in front of a made-up cluster: lists in pages, watches, bookmarks, 410, evictions with
// 429, conflicts, accounts with rights, and the faults of a real one: refusals, silence, lost connections. What it answers
// is what a real one answered (`docs/workloads.md` says which).
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { aCluster, type Cluster, type ClusterEvent, Refusal } from './cluster.ts';
import { type Kind, RESOURCES, type Thing } from './manifests.ts';
import { type AccessRule, checkRight, EVERYTHING, kubeconfigFor } from './rights.ts';

const TOKEN = 'a-service-account-token';
const PATHS: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.entries(RESOURCES).map(([kind, { api }]) => [`${api}/${kind}`, kind as Kind]),
);

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Thing;
  readonly contentType: string | undefined;
}

export interface ApiServer extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Path of a kubeconfig that leads here. */
  readonly kubeconfig: string;
  /** Path of a kubeconfig of an account that has only these rights. */
  account(rules: readonly AccessRule[]): string;
  readonly seen: readonly SeenRequest[];
  /** Watches from these positions were asked for, oldest first. */
  watchesOf(kind: Kind): readonly string[];
  openWatches(): number;
  /** Every request is refused with this status until it is null. */
  refuse(status: number | null): void;
  /** Requests are taken and not answered until it is false. */
  hang(isHanging: boolean): void;
  /** Watches are told nothing until it is false; then all at once. */
  hold(isHolding: boolean): void;
  /** Tells every watch where it is. */
  bookmark(): void;
  /** Ends every watch in good order, or as a lost connection. */
  endWatches(how: 'END' | 'RESET'): void;
  /** Every watch is told that its position is too old. */
  tooOld: boolean;
  /** The largest page that a list answers. */
  pageSize: number;
}

export async function aKubernetesApi(cluster: Cluster = aCluster()): Promise<ApiServer> {
  const seen: SeenRequest[] = [];
  const accounts = new Map<string, readonly AccessRule[]>([[`Bearer ${TOKEN}`, EVERYTHING]]);
  const watches = new Set<{ readonly kind: Kind; readonly answer: http.ServerResponse }>();
  let refusing: number | null = null;
  let hanging = false;
  let held: (() => void)[] | null = null;

  const handle = async (request: http.IncomingMessage, answer: http.ServerResponse): Promise<void> => {
    const url = new URL(request.url!, 'http://cluster');
    const text = (await request.toArray()).join('');
    const body = text === '' ? undefined : JSON.parse(text);
    const contentType = request.headers['content-type'];
    seen.push({ method: request.method!, path: url.pathname, query: url.searchParams, body, contentType });
    if (hanging) return;
    const rules = accounts.get(request.headers.authorization ?? '');
    if (!rules) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
    if (refusing !== null) throw new Refusal(refusing, 'InternalError', 'the cluster is not well');
    checkRight(rules, request.method!, url);
    const kind = PATHS[url.pathname];
    if (kind && request.method === 'GET' && url.searchParams.get('watch') === 'true') return watch(kind, url, answer);
    if (kind && request.method === 'GET') return reply(answer, 200, listOf(server, kind, url.searchParams));
    reply(
      answer,
      request.method === 'POST' ? 201 : 200,
      change(cluster, request.method!, url.pathname, body, contentType),
    );
  };

  const watch = (kind: Kind, url: URL, answer: http.ServerResponse): void => {
    const from = Number(url.searchParams.get('resourceVersion') ?? 0);
    answer.writeHead(200, { 'content-type': 'application/json' });
    const send = (event: Pick<ClusterEvent, 'object'> & { type: string }) =>
      answer.writableEnded || answer.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
    if (server.tooOld || from < cluster.oldest) {
      send({ type: 'ERROR', object: statusOf(new Refusal(410, 'Expired', `too old resource version: ${from}`)) });
      return; // a real one ends it too, but later: that may come in a packet of its own
    }
    for (const event of cluster.eventsAfter(from)) if (event.kind === kind) send(event);
    const stop = cluster.listen(event => {
      if (event.kind !== kind) return;
      if (held) held.push(() => send(event));
      else send(event);
    });
    const entry = { kind, answer };
    watches.add(entry);
    answer.flushHeaders();
    answer.on('close', () => {
      stop();
      watches.delete(entry);
    });
  };

  const listener = http.createServer((request, answer) => {
    handle(request, answer).catch(error => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      reply(answer, refusal.status, statusOf(refusal));
    });
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-kube-'));
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const kubeconfigOf = (token: string): string => {
    const file = path.join(folder, `${token}.json`);
    fs.writeFileSync(file, kubeconfigFor({ server: address, 'insecure-skip-tls-verify': true }, token)); // the client takes plain HTTP only so
    return file;
  };

  const server: ApiServer = {
    cluster,
    kubeconfig: kubeconfigOf(TOKEN),
    account: rules => {
      const token = `token-${accounts.size}`;
      accounts.set(`Bearer ${token}`, rules);
      return kubeconfigOf(token);
    },
    seen,
    pageSize: 500,
    tooOld: false,
    watchesOf: kind =>
      seen
        .filter(each => PATHS[each.path] === kind && each.query.get('watch') === 'true')
        .map(each => each.query.get('resourceVersion') ?? ''),
    openWatches: () => watches.size,
    refuse: status => {
      refusing = status;
    },
    hang: isHanging => {
      hanging = isHanging;
    },
    hold: isHolding => {
      for (const tell of held ?? []) tell();
      held = isHolding ? [] : null;
    },
    bookmark: () => {
      for (const { kind, answer } of watches) {
        const object = { kind: RESOURCES[kind].kind, metadata: { resourceVersion: String(cluster.version) } };
        answer.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
      }
    },
    endWatches: how => {
      for (const { answer } of watches) {
        if (how === 'END') answer.end();
        else answer.destroy();
      }
    },
    [Symbol.asyncDispose]: async () => {
      listener.closeAllConnections();
      await new Promise(resolve => listener.close(resolve));
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
  return server;
}

function listOf(server: ApiServer, kind: Kind, query: URLSearchParams): object {
  const node = /^spec\.nodeName=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const all = server.cluster.list(kind).filter(object => node === undefined || object.spec.nodeName === node);
  const from = Number(query.get('continue') ?? 0);
  const size = Math.min(Number(query.get('limit') ?? all.length), server.pageSize);
  const more = from + size < all.length;
  return {
    kind: `${RESOURCES[kind].kind}List`,
    apiVersion: 'v1',
    metadata: { resourceVersion: String(server.cluster.version), ...(more && { continue: String(from + size) }) },
    items: all.slice(from, from + size),
  };
}

function change(cluster: Cluster, method: string, at: string, body: Thing, contentType: string | undefined): object {
  const node = /^\/api\/v1\/nodes\/([^/]+)$/.exec(at)?.[1];
  if (node && method === 'PATCH') {
    if (contentType !== 'application/merge-patch+json')
      throw new Refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
    return cluster.patch('nodes', node, body);
  }
  const [, namespace, pod, eviction] = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)(\/eviction)?$/.exec(at) ?? [];
  if (eviction && method === 'POST') {
    cluster.evict(namespace!, pod!, body.deleteOptions);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  }
  if (!pod || method !== 'DELETE')
    throw new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});
  const object = cluster.get('pods', pod, namespace);
  cluster.deletePod(namespace!, pod, body);
  return object;
}

const statusOf = ({ status, reason, message, details }: Refusal): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code: status,
});

function reply(answer: http.ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
