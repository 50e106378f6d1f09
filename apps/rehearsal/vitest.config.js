import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'src/global-setup.ts',
    // One line a step, with its time.
    reporters: ['verbose', ['json', { outputFile: '.test-results/vitest.json' }]],
    // The steps wait for installations and compilers; more of them at once than cores would only slow each other down.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
