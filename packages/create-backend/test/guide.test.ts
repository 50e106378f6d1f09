import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StorageBackend } from '@kv/core';
import { findExamples, runExample } from '@kv/tooling/doc-examples';
import { ROOT } from '@kv/tooling/run-shell';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { BLOCKS, blocksIn, GUIDE } from './support/guide.ts';

const EXAMPLE = join(ROOT, 'examples/sqlite-backend');
const EXCERPT = /^(?:\/\/|--) ((?:src|test)\/\S+)\n/;

const excerpts = [...blocksIn('ts'), ...blocksIn('sql')].filter((code) => EXCERPT.test(code));

/** Leaves out how far lines are indented: an excerpt begins at the margin. */
function trimLines(code: string): string {
  return code.replaceAll(/^ +/gm, '');
}

it.each(excerpts)('quotes the example to the letter: %s', (code) => {
  const [comment, file = ''] = EXCERPT.exec(code) ?? [];
  const source = readFileSync(join(EXAMPLE, file), 'utf8');
  expect(trimLines(source)).toContain(trimLines(code.slice(comment?.length)));
});

const isRun = ({ code }: { code: string }): boolean => !EXCERPT.test(code);
const examples = [
  ...findExamples(ROOT, ['docs/guides/write-a-backend.md']).filter(isRun),
  ...findExamples(EXAMPLE, ['README.md', 'src/**/*.ts']),
];

it.each(examples)('runs the example in $title', async (example) => {
  const { exitCode, stdout, stderr } = await runExample(EXAMPLE, example);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('Error:') });
  if (example.output !== undefined) expect(stdout).toBe(example.output);
});

it('shows a workflow that differs from the one of the template by its service alone', () => {
  const file = join(import.meta.dirname, '../template/standalone/_.github/workflows/ci.yml');
  const template = parse(readFileSync(file, 'utf8'));
  const [code = ''] = blocksIn('yaml');
  const { services, env, ...job } = parse(code).jobs.test;
  expect(job).toEqual(template.jobs.test);
  expect(services.redis).toMatchObject({ image: expect.stringMatching(/^redis:\d/), ports: ['6379:6379'] });
  expect(Object.keys(env)).toEqual(['REDIS_URL']);
});

it('lists each of our backends with the capabilities that it declares', async () => {
  const rows = read('docs/backends.md').matchAll(/^\| \[[^\]]+\]\(\.\.\/(\S+)\/README\.md\) +\|[^|]*\| (.*?) +\|$/gm);
  const listed = [...rows].map(([, dir = '', capabilities = '']) => ({ dir, capabilities }));
  expect(listed.length).toBeGreaterThanOrEqual(3);
  const data = mkdtempSync(join(tmpdir(), 'kv-backends-'));
  for (const { dir, capabilities } of listed) {
    const { createBackend } = await import(pathToFileURL(join(ROOT, dir, 'dist/index.js')).href);
    await using backend: StorageBackend = createBackend({ dir: join(data, dir) });
    const declared = Object.entries(backend.capabilities).flatMap(([name, isDeclared]) => (isDeclared ? [name] : []));
    const names = [...capabilities.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect({ dir, names: new Set(names) }).toEqual({ dir, names: new Set(declared) });
  }
  rmSync(data, { recursive: true, force: true });
});

it('has no code that nobody runs, and no link that leads nowhere', () => {
  // `sh`, `js` and the `text` of a failing case belong to outside.test.ts and in-repository.test.ts.
  expect(new Set(BLOCKS.map(({ language }) => language))).toEqual(new Set(['sh', 'ts', 'sql', 'text', 'yaml', 'js']));
  const pages = { 'docs/guides/write-a-backend.md': GUIDE, 'docs/backends.md': read('docs/backends.md') };
  for (const [page, text] of Object.entries(pages)) {
    for (const [, link = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (!link.startsWith('https:'))
        expect({ page, link, exists: existsSync(join(ROOT, dirname(page), link)) }).toMatchObject({ exists: true });
    }
  }
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
