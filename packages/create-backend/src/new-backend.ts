// Makes a backend of this repository: `pnpm new:backend redis`.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeEmptyFolder } from '@kv/tooling/make-empty-folder';
import { runCommand } from '@kv/tooling/run-command';
import { backendNames } from './backend-names.ts';
import { copyBackendTemplate } from './copy-backend-template.ts';

const USAGE = `Makes the package of a backend in this repository.

  pnpm new:backend NAME

NAME is the medium, such as redis; it goes into packages/NAME as @kv/NAME.
`;

runCommand(USAGE, (name) => {
  const names = backendNames(`@kv/${name}`);
  const root = join(import.meta.dirname, '../../..');
  const template = join(import.meta.dirname, '../template');
  const to = join(root, 'packages', names.folder);
  makeEmptyFolder(to);
  copyBackendTemplate({ from: join(template, 'skeleton'), to, names });
  copyBackendTemplate({ from: join(template, 'repo'), to: root, names });
  // How lines break depends on the length of the name.
  const format = spawnSync('oxfmt', [to], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (format.status !== 0) throw new Error(`oxfmt failed on ${to}. Run this by pnpm new:backend.`);
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `Made ${names.packageName} in packages/${names.folder}. Next:

  npx -y ${packageManager} check
  npx -y ${packageManager} test

Both are green: it keeps records in a map. Now put the engine into packages/${names.folder}/src/${names.word}-database.ts.
Name the package in README.md, CONTRIBUTING.md and docs/backends.md, and its short name in
packages/sdk/src/backend/choose-backend.ts. The guide: docs/guides/write-a-backend.md
`;
});
