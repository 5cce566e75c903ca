import { describe, expect, it } from 'vitest';
import { createScreen } from '../../../launcher/screen.ts';
import { planStack } from '../../../launcher/stack-plan.ts';
import { exampleQuery, hostOf, summary } from '../../../launcher/summary.ts';
import { loadConfig } from '../../../runtime/config.ts';

function aScreen(isTTY: boolean) {
  let text = '';
  let time = 0;
  const write = (more: string): void => {
    text += more;
  };
  const now = (): number => {
    time += 1_100;
    return time;
  };
  const screen = createScreen({ out: { isTTY, write }, now });
  return { screen, text: () => text };
}

describe('the screen', () => {
  it('shows a step once it is done, with its result and duration, and no colour off a terminal', async () => {
    const { screen, text } = aScreen(false);
    await screen.step(
      'PostgreSQL',
      async () => 4002,
      port => `PostgreSQL on ${port}`,
    );
    screen.warn('careful');
    expect(text()).toBe('✓ PostgreSQL on 4002 (1.1 s)\n! careful\n');
  });

  it('shows on a terminal what is under way and clears it', async () => {
    const { screen, text } = aScreen(true);
    await screen.step('fleet', async () => {});
    expect(text()).toContain('fleet');
    expect(text()).toContain('\r\x1b[2K');
    expect(text().endsWith('\n')).toBe(true);
  });

  it('passes a failure on and says nothing itself', async () => {
    const { screen, text } = aScreen(false);
    await expect(screen.step('fleet', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(text()).toBe('');
  });
});

describe('the summary', () => {
  const config = loadConfig({ env: {} });
  const plan = planStack(config);
  const { screen } = aScreen(false);
  const input = {
    config,
    gatewayUrl: 'http://127.0.0.1:4000',
    parts: plan.parts.map((part, i) => ({ plan: part, pid: 100 + i, url: undefined })),
    postgres: { version: '18.4', port: 4002, pid: 99 },
    logs: '/data/logs',
    data: '/data',
    colors: screen.colors,
  };

  it('tells what runs where, the query page, an example and how to stop', () => {
    const text = summary(input);
    for (const words of [
      /region paris-1 .* http:\/\/127\.0\.0\.1:4101\/paris-1 .* 101 /,
      /agent paris-1 .* real agent: this machine/,
      /agent lagos-1 .* simulated/,
      /PostgreSQL .* 127\.0\.0\.1:4002 .* 99 /,
      /Query page +http:\/\/127\.0\.0\.1:4000\/graphql/,
      /curl -s http:\/\/127\.0\.0\.1:4000\/graphql/,
      /\/data\/logs/,
      /Ctrl-C stops everything/,
    ])
      expect(text).toMatch(words);
  });

  it('never shows a password or a token', () => {
    const secret = {
      ...config,
      auth: { token: 't'.repeat(32) },
      database: { ...config.database, url: 'postgres://u:pass@db/postgres' },
    };
    const text = summary({ ...input, config: secret, postgres: null });
    expect(text).toContain('db:5432');
    expect(text).not.toMatch(/pass\b|tttt/);
    expect(text).toContain('Bearer $MURMUR_AUTH_TOKEN');
  });

  it('gives an example that a shell can take as it is', () => {
    const [, body] = /-d '([^']*)'$/.exec(exampleQuery('http://127.0.0.1:4000', false)) ?? [];
    expect(JSON.parse(body ?? '').query).toMatch(/^\{ regions /);
  });

  it('names a database without its user', () => {
    expect(hostOf('postgres://u:p@db:6543/postgres')).toBe('db:6543');
  });
});
