import { globSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import type { DocBlock } from '@kv/tooling/doc-examples';
import { ROOT } from '../../src/pages.ts';

/** The pages whose `ts` blocks examples.test.ts runs. */
export const RUN_HERE: readonly string[] = [
  'README.md',
  'apps/site/index.md',
  'docs/*.md',
  'docs/decisions/*.md',
  'docs/reference/*.md',
  'docs/guides/{cloud,local-storage,migrate,test-with-memory}.md',
];

/** Which test runs, or compares with the code, the blocks of pages in some languages. */
export interface BlockCheck {
  /** Globs, from the root of the repository. */
  readonly pages: readonly string[];
  readonly languages: readonly string[];
  /** What the blocks begin with; all of them where it says nothing. */
  readonly begins?: RegExp;
  /** The test, from the root of the repository. */
  readonly test: string;
}

const GUIDE = ['docs/guides/write-a-backend.md'];
const GENERATORS = globSync('packages/create-*', { cwd: ROOT }).map((folder) => folder.replaceAll('\\', '/'));

/** Every block has one of these, or stands below. */
export const CHECKED_BY: readonly BlockCheck[] = [
  { pages: RUN_HERE, languages: ['ts'], test: 'apps/site/test/examples.test.ts' },
  { pages: ['docs/start.md'], languages: ['sh', 'js'], test: 'apps/site/test/shell.test.ts' },
  { pages: ['docs/guides/self-hosting.md'], languages: ['sh', 'ts'], test: 'apps/site/test/shell.test.ts' },
  { pages: ['**'], languages: ['sh'], begins: /^npm install .*\n$/, test: 'apps/site/test/shell.test.ts' },
  { pages: ['**'], languages: ['sh'], begins: /^npx @kv\/fs doctor/, test: 'apps/site/test/shell.test.ts' },
  { pages: GUIDE, languages: ['ts', 'sql', 'yaml'], test: 'packages/create-backend/test/guide.test.ts' },
  { pages: GUIDE, languages: ['js', 'sh', 'text'], test: 'packages/create-backend/test/outside.test.ts' },
  { pages: ['examples/*/README.md'], languages: ['ts'], test: 'packages/create-backend/test/guide.test.ts' },
  { pages: ['packages/server/README.md'], languages: ['ts', 'sh'], test: 'packages/server/test/examples.test.ts' },
  { pages: ['packages/conformance/README.md'], languages: ['ts'], test: 'packages/memory/test/examples.test.ts' },
  { pages: ['packages/cloud/README.md'], languages: ['ts'], test: 'apps/integration/test/examples.test.ts' },
  ...['packages/core', 'packages/fs', 'packages/memory', 'packages/sdk'].map((folder) => ({
    pages: [`${folder}/README.md`],
    languages: ['ts'],
    test: `${folder}/test/examples.test.ts`,
  })),
  ...GENERATORS.map((folder) => ({
    pages: [`${folder}/README.md`],
    languages: ['sh'],
    test: `${folder}/test/outside.test.ts`,
  })),
  // Begins like the README of the generator, which is run to the letter.
  {
    pages: ['README.md'],
    languages: ['sh'],
    begins: /^npm create @kv\/actor my-actor\n/,
    test: 'packages/create-actor/test/outside.test.ts',
  },
  // Not to the letter: the test starts the same programs in folders of its own.
  {
    pages: ['apps/example-actor/README.md'],
    languages: ['sh'],
    begins: /^(?:npm|npx|node|KV_PURGE_ON_START=0) /,
    test: 'apps/example-actor/test/demo.test.ts',
  },
];

/** A block that no test runs. */
export interface UncheckedBlock {
  readonly page: string;
  /** Its first line. */
  readonly line: string;
  readonly reason: string;
}

/** The blocks that no test runs, each with the reason. */
export const NOT_RUN: readonly UncheckedBlock[] = [
  { page: 'docs/guides/local-storage.md', line: 'storage/', reason: 'a picture of a directory' },
  {
    page: 'packages/fs/README.md',
    line: '{dir}/key_value_stores/{default | name | alias}/',
    reason: 'a picture of a directory',
  },
  { page: 'docs/guides/self-hosting.md', line: 'storage.example.com {', reason: 'needs Caddy, and a domain' },
  { page: 'docs/guides/self-hosting.md', line: 'server {', reason: 'needs nginx, and a certificate' },
  { page: 'apps/example-actor/README.md', line: 'docker build --tag my-actor .', reason: 'needs Docker' },
  { page: 'docs/guides/self-hosting.md', line: '[Unit]', reason: 'needs systemd' },
  {
    page: 'README.md',
    line: 'npx -y pnpm@12.21.0 demo   # archives a small web site with the example actor and shows the result',
    reason: 'the demo has tests of its own; a test does not run all tests',
  },
  {
    page: 'CONTRIBUTING.md',
    line: 'npx -y pnpm@12.21.0 install   # once; the commands below install what is missing, too',
    reason: 'what CI runs; a test does not run all tests',
  },
  {
    page: 'CONTRIBUTING.md',
    line: 'npx -y pnpm@12.21.0 --filter @kv/fs... build',
    reason: 'the same for one package',
  },
];

/** Tells whether a test answers for a block. What a block prints is checked with it. */
export function isChecked(block: DocBlock, before: DocBlock | undefined): boolean {
  const isOutput = block.language === 'text' && before?.file === block.file && before.language !== 'text';
  const isByTest = CHECKED_BY.some(
    ({ pages, languages, begins }) =>
      pages.some((page) => matchesGlob(block.file, page)) &&
      languages.includes(block.language) &&
      (begins?.test(block.code) ?? true),
  );
  return isByTest || (isOutput && isChecked(before, undefined));
}
