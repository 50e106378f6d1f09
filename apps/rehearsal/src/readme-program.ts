import { findExamples } from '@kv/tooling/doc-examples';
import type { DocExample } from '@kv/tooling/doc-examples';
import { ROOT } from '@kv/tooling/run-shell';

/** The program that the README of this repository begins with, and what it prints. */
export function readmeProgram(): DocExample {
  const [program] = findExamples(ROOT, ['README.md']);
  if (program?.output === undefined) throw new Error('README.md has no program with its output.');
  return program;
}

/** The same program as a module of CommonJS. */
export function commonJsOf(code: string): string {
  return code
    .replace("import { Actor } from '@kv/sdk'", "const { Actor } = require('@kv/sdk')")
    .replace(/^await /m, '');
}
