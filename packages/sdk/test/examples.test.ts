import { join } from 'node:path';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');

it.each(findExamples(packageDir, ['README.md', 'src/**/*.ts']))('runs the example in $title', async (example) => {
  const { exitCode, stdout, stderr } = await runExample(packageDir, example);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
  if (example.output !== undefined) expect(stdout).toBe(example.output);
});

const root = join(packageDir, '../..');

// That guide is run beside the generator that it is about.
const isElsewhere = ({ title }: { title: string }): boolean => title.includes('write-a-backend');

it.each(findExamples(root, ['README.md', 'docs/**/*.md']).filter((example) => !isElsewhere(example)))(
  'runs the example in $title of the repository',
  async (example) => {
    const { exitCode, stdout, stderr } = await runExample(packageDir, example);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
    if (example.output !== undefined) expect(stdout).toBe(example.output);
  },
);
