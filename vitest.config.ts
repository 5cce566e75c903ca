import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take graphql's ES modules while Apollo's packages require its CommonJS ones: two realms, one refused.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    pool: 'forks',
    testTimeout: 90_000, // for tests that hang; a busy machine is slow
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/{unit,contract,integration}/**/*.test.ts'],
          globalSetup: ['test/support/postgres.ts'],
          maxWorkers: 4, // most tests wait for other processes rather than compute
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          maxWorkers: 1, // each file runs the whole stack; two at once would starve each other on a small machine
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
