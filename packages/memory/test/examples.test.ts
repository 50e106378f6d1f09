import { join } from 'node:path';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');

// Those of the suite are run here, where both packages are installed.
const files = ['', '../conformance/'].flatMap((dir) => [`${dir}README.md`, `${dir}src/**/*.ts`]);

it.each(findExamples(packageDir, files))(
  'runs the example in $title',
  async (example) => {
    const { exitCode, stdout, stderr } = await runExample(packageDir, example);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
    if (example.output !== undefined) expect(stdout).toBe(example.output);
    // The examples of the suite run all of it.
  },
  90_000,
);
