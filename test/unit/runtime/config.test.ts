import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authHeaders,
  ConfigError,
  type ConfigInput,
  environmentNames,
  fleetUrl,
  loadConfig,
} from '../../../runtime/config.ts';
import { ConfigSchema } from '../../../runtime/config-schema.ts';

const TOKEN = 'a-token-of-thirty-two-characters';

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-config-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function aFile(content: unknown): string {
  const file = path.join(folder, `${Math.random()}.json`);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function problemsOf(sources: Parameters<typeof loadConfig>[0]): readonly string[] {
  try {
    loadConfig({ env: {}, ...sources });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('where a setting comes from', () => {
  it('is the default when nothing says otherwise', () => {
    const config = loadConfig({ env: {} });
    expect(config).toMatchObject({ host: '127.0.0.1', gateway: { port: 4000, regionDeadlineMs: 2_000 } });
  });

  it('is the flag before the environment before the file, leaf by leaf', () => {
    const file = aFile({ gateway: { port: 1001, regionDeadlineMs: 11, fleetDeadlineMs: 12 } });
    const env = { MURMUR_GATEWAY_PORT: '1002', MURMUR_GATEWAY_REGION_DEADLINE_MS: '22' };
    const { gateway } = loadConfig({ file, env, flags: { gateway: { port: 1003 } } });
    expect(gateway).toMatchObject({ port: 1003, regionDeadlineMs: 22, fleetDeadlineMs: 12 });
  });

  it('may be a file that MURMUR_CONFIG names', () => {
    const env = { MURMUR_CONFIG: aFile({ fleet: { port: 1234 } }) };
    expect(loadConfig({ env }).fleet.port).toBe(1234);
  });

  it('leaves the rest of the environment alone', () => {
    expect(problemsOf({ env: { PATH: '/bin', MURMURATION: 'a flock' } })).toEqual([]);
  });

  it('takes objects from the environment as JSON, and text as it stands', () => {
    const doors = { 'paris-1': 'http://10.0.0.1:4101/paris-1' };
    const env = { MURMUR_DOORS: JSON.stringify(doors), MURMUR_DATABASE_PREFIX: 'n12' };
    expect(loadConfig({ env })).toMatchObject({ doors, database: { prefix: 'n12' } });
  });

  it('has an environment name of its own for every leaf of the schema', () => {
    const leaves = leavesOf(loadConfig({ env: {} }) as unknown as Record<string, unknown>);
    const paths = [...environmentNames().values()].map(leaf => leaf.path.join('.'));
    expect(new Set(paths).size).toBe(paths.length);
    for (const leaf of leaves) if (leaf !== 'auth') expect(paths).toContain(leaf); // its only leaf has no default
    expect(paths).toContain('auth.token');
    expect([...environmentNames().keys()]).toContain('MURMUR_GATEWAY_REGION_DEADLINE_MS');
    expect(Object.keys(ConfigSchema.shape).every(section => paths.some(p => p.split('.')[0] === section))).toBe(true);
  });
});

function leavesOf(tree: Record<string, unknown>, above = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && Object.keys(value).length > 0
      ? leavesOf(value as Record<string, unknown>, `${above}${key}.`)
      : [`${above}${key}`],
  );
}

describe('a configuration with problems', () => {
  it('is refused with all of them at once', () => {
    const problems = problemsOf({
      file: aFile({ gatway: {}, fleet: { port: 0 } }),
      env: { MURMUR_GATEWAY_PROT: '1', MURMUR_LOG_LEVEL: 'loud' },
    });
    expect(problems).toHaveLength(4);
    for (const word of ['gatway', 'fleet.port', 'MURMUR_GATEWAY_PROT', 'log.level'])
      expect(problems.filter(problem => problem.startsWith(word))).toHaveLength(1);
  });

  it('tells of an unknown environment variable what was probably meant', () => {
    expect(problemsOf({ env: { MURMUR_GATEWAY_PROT: '1' } })).toEqual([
      'MURMUR_GATEWAY_PROT: no such setting; did you mean MURMUR_GATEWAY_PORT?',
    ]);
    expect(problemsOf({ env: { MURMUR_WHAT_EVER_THIS_IS: '1' } })).toEqual([
      'MURMUR_WHAT_EVER_THIS_IS: no such setting',
    ]);
  });

  it('tells of an unknown key in the file what was probably meant', () => {
    expect(problemsOf({ file: aFile({ gateway: { regionDeadlinMs: 5 } }) })).toEqual([
      'gateway.regionDeadlinMs: no such setting; did you mean gateway.regionDeadlineMs?',
    ]);
    expect(problemsOf({ file: aFile({ gatway: {} }) })).toEqual(['gatway: no such setting; did you mean gateway?']);
  });

  it.each<[string, string, ConfigInput | NodeJS.ProcessEnv]>([
    ['gateway.port (MURMUR_GATEWAY_PORT)', 'text for a number', { MURMUR_GATEWAY_PORT: 'many' }],
    ['gateway.port (MURMUR_GATEWAY_PORT)', 'a port above 65535', { MURMUR_GATEWAY_PORT: '65536' }],
    ['agent.seed (MURMUR_AGENT_SEED)', 'a fraction', { MURMUR_AGENT_SEED: '1.5' }],
    ['fleet.url (MURMUR_FLEET_URL)', 'no http address', { MURMUR_FLEET_URL: 'ftp://here' }],
    ['auth.token (MURMUR_AUTH_TOKEN)', 'a short token', { MURMUR_AUTH_TOKEN: 'short' }],
    ['doors (MURMUR_DOORS)', 'no JSON', { MURMUR_DOORS: 'paris-1=http://x' }],
  ])('names %s when it is given %s', (name, _what, env) => {
    const problems = problemsOf({ env: env as NodeJS.ProcessEnv });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name.replace(/[.()]/g, '\\$&')}: `));
  });

  it('names only environment variables that there are', () => {
    const problems = problemsOf({
      file: aFile({
        gateway: 5,
        doors: { 'Paris 1': 'http://x', 'paris-2': 'nowhere' },
        thresholds: { cpu: { major: 90, critical: 10 } },
      }),
    });
    expect(problems).toHaveLength(4);
    const named = problems.flatMap(problem => problem.match(/MURMUR_\w+/g) ?? []);
    expect(named.filter(name => !environmentNames().has(name))).toEqual([]);
    expect(named).toContain('MURMUR_DOORS');
  });

  it('is refused when its file is missing, is no JSON, or holds no object', () => {
    expect(problemsOf({ file: path.join(folder, 'none.json') })[0]).toMatch(/none\.json: ENOENT/);
    expect(problemsOf({ file: aFile('{') })).toHaveLength(1);
    expect(problemsOf({ file: aFile([1]) })[0]).toMatch(/must hold a JSON object$/);
  });
});

describe('a door that is open to the network', () => {
  it('is refused without a token', () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.org'])
      expect(problemsOf({ env: { MURMUR_HOST: host } })[0]).toMatch(/no authentication.*MURMUR_AUTH_TOKEN/);
  });

  it('is allowed with a token', () => {
    const config = loadConfig({ env: { MURMUR_HOST: '0.0.0.0', MURMUR_AUTH_TOKEN: TOKEN } });
    expect(config.host).toBe('0.0.0.0');
    expect(authHeaders(config)).toEqual({ authorization: `Bearer ${TOKEN}` });
  });

  it('needs none on loopback', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1'])
      expect(problemsOf({ env: { MURMUR_HOST: host } })).toEqual([]);
    expect(authHeaders(loadConfig({ env: {} }))).toEqual({});
  });

  it('is asked for the fleet service on loopback, unless its address is given', () => {
    const env = { MURMUR_HOST: '0.0.0.0', MURMUR_AUTH_TOKEN: TOKEN };
    expect(fleetUrl(loadConfig({ env }))).toBe('http://127.0.0.1:4001');
    expect(fleetUrl(loadConfig({ env: { ...env, MURMUR_FLEET_URL: 'https://fleet' } }))).toBe('https://fleet');
  });
});
