// Reads the subgraphs as they stood at a git revision. Wholly local: never fetches, and changes nothing in the repository.
import { execFileSync } from 'node:child_process';
import { SUPERGRAPH_FILE } from './contract-files.ts';

export type Baseline =
  | { readonly kind: 'found'; readonly subgraphs: ReadonlyMap<string, string> }
  /** Nothing to compare with, and nothing wrong with that. */
  | { readonly kind: 'none'; readonly reason: string }
  /** The caller asked for a revision that cannot be read. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** `revision` undefined means HEAD where there is one. `root` is the folder that holds `schema/`. */
export function readBaseline(root: string, revision: string | undefined): Baseline {
  const wanted = revision ?? 'HEAD';
  const missing = revision === undefined ? 'none' : 'unreadable';
  if (git(root, ['rev-parse', '--git-dir']) === null)
    return { kind: missing, reason: `${root} is in no git repository, or git is not installed` };
  const commit = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${wanted}^{commit}`])?.trim();
  if (!commit) {
    const reason = revision === undefined ? 'the repository has no commit yet' : `git knows no revision ${wanted}`;
    return { kind: missing, reason };
  }
  const subgraphs = subgraphsAt(root, commit);
  if (subgraphs.size === 0) return { kind: 'none', reason: `${wanted} has no schema/*.graphql` };
  return { kind: 'found', subgraphs };
}

/** By the files of that commit, not by today's list: a subgraph that was dropped took its fields with it. */
function subgraphsAt(root: string, commit: string): Map<string, string> {
  const listing = git(root, ['ls-tree', '--name-only', commit, 'schema/']) ?? '';
  const files = listing.split('\n').filter(file => file.endsWith('.graphql') && file !== `schema/${SUPERGRAPH_FILE}`);
  return new Map(
    files.map(file => [
      file.slice('schema/'.length, -'.graphql'.length),
      git(root, ['show', `${commit}:./${file}`]) ?? '',
    ]),
  );
}

/** Null when git refuses or is not there; the caller says what that means. */
function git(root: string, args: readonly string[]): string | null {
  try {
    return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
