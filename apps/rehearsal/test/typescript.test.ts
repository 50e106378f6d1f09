import { expect, it } from 'vitest';
import { Project } from '../src/project.ts';

/** Names something of every package, and asks for types that are wrong where `@ts-expect-error` says so. */
const PROGRAM = `
import { Actor, KeyValueStore } from '@kv/sdk';
import { createBackend as createFsBackend, doctor } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { createBackend as createCloudBackend } from '@kv/cloud';
import { isKvError } from '@kv/core';
import type { CreateBackend, KeyValueStoreBackend, StorageBackend } from '@kv/core';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { createServer } from '@kv/server';

const creators: CreateBackend[] = [createFsBackend, createMemoryBackend, createCloudBackend];
export async function program(): Promise<number> {
  await using backend: StorageBackend = createFsBackend({ dir: './storage' });
  const store: KeyValueStoreBackend = await backend.openKeyValueStore({ name: 'pictures' });
  const { items } = await store.listKeys({ prefix: 'a' });
  const input = await Actor.getValue('INPUT', { page: 1 });
  const page: number = input.page;
  // @ts-expect-error: the value has the type of the default.
  const wrong: string = input.page;
  const named = await KeyValueStore.open({ name: 'pictures' });
  await named.setValue('dot', new Uint8Array([0]), { contentType: 'image/x-dot' });
  // @ts-expect-error: a key is a string.
  await named.setValue(7, 'seven');
  const report = await doctor({ dir: './storage' });
  const server = await createServer({ backend, token: 'my-secret-token' });
  try {
    await server.listen();
  } catch (error) {
    if (isKvError(error, 'KV_NOT_SUPPORTED')) console.log(error.code);
  }
  console.log(wrong, creators.length, report.findings.length, describeKeyValueStoreBackend.name);
  return page + items.length;
}
`;

const OPTIONS = {
  target: 'es2022',
  lib: ['es2024', 'esnext.disposable', 'dom'],
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  types: ['node'],
};

it.concurrent.each(['5.9', '6', '7'])(
  'type-checks, with every declaration of every package, under TypeScript %s',
  async (version) => {
    const project = new Project();
    await project.type(
      `npm install @kv/sdk @kv/fs @kv/memory @kv/cloud @kv/core @kv/conformance @kv/server @types/node@22 typescript@${version}`,
    );
    project.write('main.ts', PROGRAM);
    for (const module of ['nodenext', 'esnext']) {
      const moduleResolution = module === 'nodenext' ? 'nodenext' : 'bundler';
      const compilerOptions = { ...OPTIONS, module, moduleResolution };
      project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['main.ts'] }));
      expect(await project.type('npx tsc')).toBe('');
    }
    expect(await project.type('npx tsc --version')).toContain(`Version ${version}`);
  },
);
