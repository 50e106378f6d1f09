import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Project } from '../src/project.ts';

const PROGRAM = `
import { Actor } from '@kv/sdk';
import { createBackend } from '@kv/fs';

await Actor.init({ backend: createBackend({ dir: './storage' }) });
await Actor.setValue('OUTPUT', { bundled: true });
console.log(await Actor.getValue('OUTPUT'));
await Actor.exit();
`;

const BUNDLERS = [
  [
    'esbuild',
    'esbuild@0.28',
    'npx esbuild main.mjs --bundle --platform=node --format=esm --outfile=out/main.mjs --log-level=error',
  ],
  ['Vite', 'vite@8', 'npx vite build --ssr main.mjs --outDir out --logLevel error'],
] as const;

it.each(BUNDLERS)('bundles SDK and directory with %s into a program that needs no node_modules', async (...bundler) => {
  const [, packageName, command] = bundler;
  const project = new Project();
  await project.type(`npm install @kv/sdk @kv/fs ${packageName}`);
  project.write('main.mjs', PROGRAM);
  project.write('vite.config.mjs', 'export default { ssr: { noExternal: true } };');
  await project.type(command);
  const elsewhere = new Project();
  mkdirSync(join(elsewhere.dir, 'out'));
  cpSync(join(project.dir, 'out'), join(elsewhere.dir, 'out'), { recursive: true });
  expect(await elsewhere.type('node out/main.*js 2>err')).toBe('{ bundled: true }\n');
});
