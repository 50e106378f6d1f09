import { defineConfig } from 'tsup';

// tsup's own `dts` does not work with TypeScript 7, so its compiler writes the declarations.
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  clean: true,
  sourcemap: true,
  onSuccess: 'tsc -p tsconfig.build.json',
});
