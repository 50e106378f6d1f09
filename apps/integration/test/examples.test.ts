import { join } from 'node:path';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');
// Those of the client need a server, which its own package may not know.
const files = ['README.md', 'src/**/*.ts'].map((file) => `../../packages/cloud/${file}`);

it.each(findExamples(packageDir, files))('runs the example in $title', async (example) => {
  const { exitCode, stdout, stderr } = await runExample(packageDir, example);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
  if (example.output !== undefined) expect(stdout).toBe(example.output);
});
