import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite warns of source maps of dependencies.
  logLevel: 'error',
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: '.test-results/vitest.json' }]],
    testTimeout: 60_000,
    // A busy disk takes its time to remove the directories of a test.
    hookTimeout: 120_000,
    // It imports JSON in a way that bundlers take and Node does not.
    server: { deps: { inline: ['@actions/workflow-parser'] } },
  },
});
