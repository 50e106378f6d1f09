import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { Project } from '../src/project.ts';

const hasActor = inject('rehearsal').releases.some(({ name }) => name === '@kv/create-actor');

/** npm runs what it finds in its cache under the same version: that would be the generator of an earlier rehearsal. */
async function create(project: Project, command: string): Promise<void> {
  await project.type(command, { npm_config_cache: join(project.dir, '.npm') });
}

it('makes a backend with npm create @kv/backend, which passes the conformance suite and is found by the SDK', async () => {
  const project = new Project();
  await create(project, 'npm create @kv/backend kv-redis');
  await project.type('cd kv-redis\nnpm install');
  const output = await project.type('cd kv-redis\nnpm test');
  const counts = [...output.matchAll(/^ℹ (pass|fail|skipped) (\d+)$/gm)].map(([, name, count]) => [
    name,
    Number(count),
  ]);
  expect(Object.fromEntries(counts)).toMatchObject({ fail: 0, pass: expect.toSatisfy((pass: number) => pass > 100) });
  await project.type('cd kv-redis\nnpm pack --silent\ncd ..\nnpm install @kv/sdk ./kv-redis/kv-redis-0.1.0.tgz');
  project.write(
    'main.mjs',
    `import { Actor } from '@kv/sdk';
     await Actor.setValue('OUTPUT', { kept: true });
     console.log(await Actor.getValue('OUTPUT'));`,
  );
  expect(await project.type('node main.mjs 2>err', { KV_BACKEND: 'kv-redis' })).toBe('{ kept: true }\n');
});

it.skipIf(!hasActor)(
  'makes an actor with npm create @kv/actor, which passes its tests and its types (when the package is there)',
  async () => {
    const project = new Project();
    await create(project, 'npm create @kv/actor my-actor');
    await project.type('cd my-actor\nnpm install');
    const output = await project.type('cd my-actor\nnpm test', { NO_COLOR: '1' });
    expect(output).toMatch(/Test Files +(\d+) passed \(\1\)/);
    await project.type('cd my-actor\nnpm run typecheck');
    const manifest = readFileSync(join(project.dir, 'my-actor/package.json'), 'utf8');
    expect(manifest).not.toMatch(/workspace:|catalog:|link:|file:/);
  },
);
