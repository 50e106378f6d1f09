import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  clean: true,
  // Comments stand in the declarations, and what is not packed need not be downloaded. Names and lines stay, for stack traces.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.lineLimit = 120;
  },
  // tsup's own `dts` does not work with TypeScript 7: its compiler writes the declarations, and another tool makes one file of them.
  onSuccess: 'tsc -p tsconfig.build.json && node ../tooling/src/roll-up-types.ts',
});
