#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { copyTemplate } from '@kv/tooling/copy-template';
import { makeEmptyFolder } from '@kv/tooling/make-empty-folder';
import { runCommand } from '@kv/tooling/run-command';
import { projectManifest } from './project-manifest.ts';
import { projectPlace } from './project-place.ts';

const USAGE = `Makes a project of your own from kv's example actor, with its demo, tests, Dockerfile and README.

  npm create @kv/actor [NAME]

NAME is the folder to make, "my-actor" unless you say; "." is the one that you are in. It has to be new or empty.
The package is named after it. A name with a scope, such as @acme/my-actor, goes into the folder my-actor.
`;

const PACKAGE_DIR = join(import.meta.dirname, '..');

runCommand(USAGE, makeProject, 'my-actor');

function makeProject(typed: string): string {
  const { dir, name } = projectPlace(typed);
  makeEmptyFolder(dir);
  const { dependencies } = JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8'));
  const editText = (text: string, path: string): string =>
    path === 'package.json'
      ? `${JSON.stringify(projectManifest(JSON.parse(text), name, dependencies), null, 2)}\n`
      : text;
  copyTemplate({ from: join(PACKAGE_DIR, 'dist/template'), to: dir, editText });
  return `Made ${name} in ${dir}. Next:

${stepInto(dir)}  npm install
  npm run demo
  npm test

The demo archives a small site that comes along. Then change src/page.ts; README.md tells the rest.
`;
}

function stepInto(dir: string): string {
  const path = relative('', dir);
  if (path === '') return '';
  return `  cd ${/^[\w./\\@-]+$/.test(path) ? path : JSON.stringify(path)}\n`;
}
