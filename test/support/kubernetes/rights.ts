// What an account of a Kubernetes API may do, and how the API says that it may not. Pure.
import { Refusal } from './cluster.ts';

/** A rule of a ClusterRole. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export const EVERYTHING: readonly AccessRule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'patch', DELETE: 'delete' };
const PATH = /^\/(?:api\/v1|apis\/([^/]+)\/v1)\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/;

export function checkRight(rules: readonly AccessRule[], method: string, url: URL): void {
  const [, group = '', namespace, kind, name, part] = PATH.exec(url.pathname) ?? [];
  const resource = part ? `${kind}/${part}` : kind!;
  const isWatch = url.searchParams.get('watch') === 'true';
  const verb = VERBS[method] ?? (isWatch ? 'watch' : name === undefined ? 'list' : 'get');
  const has = (values: readonly string[], value: string) => values.includes(value) || values.includes('*');
  if (rules.some(rule => has(rule.apiGroups, group) && has(rule.resources, resource) && has(rule.verbs, verb))) return;
  const what = name === undefined ? `${kind}` : `${kind} "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw new Refusal(
    403,
    'Forbidden',
    `${what} is forbidden: User "system:serviceaccount:murmuration:region" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    { ...(name && { name }), kind },
  );
}

/** A kubeconfig of one account, as text. */
export const kubeconfigFor = (cluster: object, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'edge',
    clusters: [{ name: 'edge', cluster }],
    users: [{ name: 'region', user: { token } }],
    contexts: [{ name: 'edge', context: { cluster: 'edge', user: 'region' } }],
  });
