import { join } from 'node:path';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');

it.each(findExamples(packageDir, ['README.md', 'src/**/*.ts']))('runs the example in $title', async (example) => {
  const { exitCode, stdout, stderr } = await runExample(packageDir, example);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
  if (example.output !== undefined) expect(stdout).toBe(example.output);
});
