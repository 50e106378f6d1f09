import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('is bundled for browsers and workers without anything of Node', async () => {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [join(import.meta.dirname, '../src/index.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    write: false,
  });
  expect(warnings).toEqual([]);
  const [output] = Object.values(metafile.outputs);
  expect(output?.imports).toEqual([]);
  expect(output?.exports).toEqual(['createBackend']);
  const code = outputFiles[0]?.text ?? '';
  for (const global of ['process', 'Buffer', 'require', 'setImmediate']) {
    expect(code).not.toMatch(new RegExp(`(?<![.\\w'"])${global}\\s*[.(]`));
  }
});
