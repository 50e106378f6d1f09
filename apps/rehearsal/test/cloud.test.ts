import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Project } from '../src/project.ts';
import { readmeProgram } from '../src/readme-program.ts';
import { startServer, TOKEN } from '../src/server-process.ts';
import type { ServerProcess } from '../src/server-process.ts';

const { code, output } = readmeProgram();
let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("runs the README's program against a kv-server, after npm install @kv/sdk @kv/cloud", async () => {
  const project = new Project({ APIFY_TOKEN: TOKEN, APIFY_API_BASE_URL: server.url });
  await project.type('npm install @kv/sdk @kv/cloud');
  project.write('main.mjs', code);
  expect(await project.type('node main.mjs 2>err')).toBe(output);
  const list = await fetch(`${server.url}/v2/key-value-stores?unnamed=1`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(await list.json()).toMatchObject({ data: { total: 1 } });
});

it('bundles @kv/cloud for browsers, with esbuild and with Vite, into code that needs nothing of Node', async () => {
  const project = new Project();
  await project.type('npm install @kv/cloud esbuild@0.28 vite@8');
  project.write(
    'main.js',
    `import { createBackend } from '@kv/cloud';
     const backend = await createBackend({ apiBaseUrl: ${JSON.stringify(server.url)}, token: '${TOKEN}' });
     const store = await backend.openKeyValueStore({ name: 'bundled' });
     await store.setRecord({ key: 'text', value: new TextEncoder().encode('bundled'), contentType: 'text/plain' });
     console.log(new TextDecoder().decode((await store.getRecord('text')).value));
     await backend.close();`,
  );
  await project.type('npx esbuild main.js --bundle --platform=browser --format=esm --minify --outfile=esbuild.mjs');
  project.write(
    'vite.config.mjs',
    "export default { build: { lib: { entry: 'main.js', formats: ['es'], fileName: () => 'vite.mjs' }, outDir: '.', emptyOutDir: false } };",
  );
  await project.type('npx vite build --logLevel error');
  for (const bundle of ['esbuild.mjs', 'vite.mjs']) {
    expect(await project.type(`node ${bundle}`)).toBe('bundled\n');
    expect(readFileSync(join(project.dir, bundle), 'utf8')).not.toMatch(/\bnode:|\bprocess\.|\brequire\(/);
  }
});
