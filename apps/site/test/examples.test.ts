import { join } from 'node:path';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { expect, it } from 'vitest';
import { ROOT } from '../src/pages.ts';
import { RUN_HERE } from './support/checked-by.ts';

const siteDir = join(import.meta.dirname, '..');

/** What Apify's SDK says of itself on standard output is no part of a page. */
function withoutLog(output: string): string {
  return output.replaceAll(/^.*INFO.*\n/gm, '');
}

it.each(findExamples(ROOT, RUN_HERE))('runs the example in $title', async (example) => {
  const { exitCode, stdout, stderr } = await runExample(siteDir, example);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error') });
  if (example.output !== undefined) expect(withoutLog(stdout)).toBe(example.output);
});

it('does the same with our SDK in the program that the guide to migration shows for both', async () => {
  const [example, ...others] = findExamples(ROOT, ['docs/guides/migrate.md']);
  expect([example?.code.includes("from 'apify'"), others]).toEqual([true, []]);
  const code = example?.code.replace("from 'apify'", "from '@kv/sdk'") ?? '';
  expect(await runExample(siteDir, { title: '', output: undefined, code })).toMatchObject({
    exitCode: 0,
    stdout: example?.output,
  });
});
