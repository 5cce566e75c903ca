// Brings what the benches of gateways run: the other gateways, installed on demand and from a lockfile, and our own code
// as plain JavaScript, as it runs in production.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../schema/sources.ts';

const PEERS = path.join(packageRoot, 'bench/peers');

export function prepare(): void {
  if (!isInstalled()) {
    console.error('installing the other gateways into bench/peers, about two minutes the first time');
    npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], PEERS);
  }
  npm(['exec', '--', 'tsc', '--outDir', 'bench/.build', '--sourceMap', 'false'], packageRoot);
}

/** npm writes its own lockfile into node_modules: what is installed is what that says. */
function isInstalled(): boolean {
  const installed = path.join(PEERS, 'node_modules/.package-lock.json');
  if (!fs.existsSync(installed)) return false;
  const versions = (file: string): Record<string, { version?: string; optional?: boolean }> =>
    JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  const have = versions(installed);
  return Object.entries(versions(path.join(PEERS, 'package-lock.json'))).every(
    ([at, { version, optional }]) => at === '' || optional === true || have[at]?.version === version,
  );
}

const npm = (args: readonly string[], cwd: string): void =>
  void execFileSync('npm', args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
