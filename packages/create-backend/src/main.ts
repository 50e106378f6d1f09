#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeEmptyFolder } from '@kv/tooling/make-empty-folder';
import { runCommand } from '@kv/tooling/run-command';
import { backendNames } from './backend-names.ts';
import { copyBackendTemplate } from './copy-backend-template.ts';

const USAGE = `Makes the package of a kv storage backend, complete and passing the conformance suite.

  npm create @kv/backend NAME

NAME is the name of the package, such as kv-redis or @acme/kv-redis; it goes into a folder of that name.
`;
const GUIDE = 'https://github.com/kv-storage/kv/blob/main/docs/guides/write-a-backend.md';

runCommand(USAGE, (name) => {
  const names = backendNames(name);
  const to = resolve(names.folder);
  makeEmptyFolder(to);
  // The ranges that this package itself was published with are those that fit together.
  const packageDir = join(import.meta.dirname, '..');
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  const ranges: Record<string, string> = { ...dependencies, ...devDependencies };
  for (const layer of ['skeleton', 'standalone']) {
    copyBackendTemplate({ from: join(packageDir, 'template', layer), to, names, ranges });
  }
  return `Made ${names.packageName} in ${to}. Next:

  cd ${names.folder}
  npm install
  npm test

All cases pass: it keeps records in a map. Now put your engine into src/${names.word}-database.ts.
The guide: ${GUIDE}
`;
});
