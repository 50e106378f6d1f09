import { expect, it } from 'vitest';
import { createBackend } from '../src/index.js';

it('keeps the coding that a value came in, until the next write', async () => {
  const store = await createBackend().openKeyValueStore({});
  const record = { key: 'k', value: Buffer.from('1'), contentType: 'text/plain' };
  for (const contentEncoding of ['gzip', 'br', undefined, 'deflate'] as const) {
    await store.setRecord({ ...record, contentEncoding });
    const { stream, ...opened } = (await store.getRecordStream('k')) ?? {};
    await stream?.cancel();
    const { value: _, ...body } = (await store.getRecordBody('k')) ?? {};
    for (const info of [opened, body, await store.getRecordInfo('k')]) {
      expect(info).toMatchObject({ contentType: 'text/plain', size: 1, contentEncoding });
    }
  }
  await expect(store.setRecord({ ...record, contentEncoding: 'zstd' as 'br' })).rejects.toThrow(TypeError);
  expect((await store.getRecordInfo('k'))?.contentEncoding).toBe('deflate');
});
