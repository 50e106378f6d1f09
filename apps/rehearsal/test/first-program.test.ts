import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Project } from '../src/project.ts';
import { commonJsOf, readmeProgram } from '../src/readme-program.ts';

const { code, output } = readmeProgram();

it("runs the README's program after npm install @kv/sdk @kv/fs", async () => {
  const project = new Project();
  await project.type('npm install @kv/sdk @kv/fs');
  project.write('main.mjs', code);
  expect(await project.type('node main.mjs 2>err')).toBe(output);
  expect(readFileSync(join(project.dir, 'storage/key_value_stores/default/kv.svg'), 'utf8')).toContain('>kv</text>');
});

it('says which package to install when there is no backend', async () => {
  const project = new Project();
  await project.type('npm install @kv/sdk');
  project.write('main.mjs', code);
  const run = await project.run('node main.mjs');
  expect(run).toMatchObject({ exitCode: 91, output: expect.stringContaining('Run: npm install @kv/fs.') });
  expect(existsSync(join(project.dir, 'storage'))).toBe(false);
});

it('keeps records in memory with @kv/memory', async () => {
  const project = new Project();
  await project.type('npm install @kv/sdk @kv/memory');
  project.write('main.mjs', code);
  expect(await project.type('node main.mjs 2>err', { KV_BACKEND: 'memory' })).toBe(output);
  expect(existsSync(join(project.dir, 'storage'))).toBe(false);
});

it('takes a program of CommonJS, which requires the packages', async () => {
  const project = new Project();
  await project.type('npm install @kv/sdk @kv/fs @kv/core @kv/memory @kv/cloud');
  project.write('main.cjs', commonJsOf(code));
  expect(await project.type('node main.cjs 2>err')).toBe(output);
  project.write(
    'all.cjs',
    `for (const name of ['fs', 'memory', 'cloud']) console.log(typeof require('@kv/' + name).createBackend);
     console.log(require('@kv/core').isRecordKey('INPUT'), require('@kv/sdk/package.json').name);`,
  );
  expect(await project.type('node all.cjs')).toBe('function\nfunction\nfunction\ntrue @kv/sdk\n');
});
