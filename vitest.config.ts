import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take graphql's ES modules while Apollo's packages require its CommonJS ones: two realms, one refused.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    globalSetup: ['test/support/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
