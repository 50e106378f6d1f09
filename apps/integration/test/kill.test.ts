import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isKvError } from '@kv/core';
import { expect, it, onTestFinished } from 'vitest';
import { ServerProcess } from './server-process.js';
import { connect } from './start-server.js';

const WRITERS = 12;
const KILLS = 5;

/** A value that tells whose it is, which one, and whether it is whole. */
function valueOf(writer: number, round: number): string {
  return `${writer}:${round}:${'x'.repeat((round * 7919) % 60_000)}:end`;
}

it('kill -9 of the server under load: what was acknowledged is there, and nothing else than what was sent', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kv-integration-kill-'));
  let server = await ServerProcess.start(dir);
  onTestFinished(async () => {
    await server.end('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  const { port } = server;
  await using backend = await connect(server.url, { maxRetries: 3, retryDelayMillis: 20 });
  const store = await backend.openKeyValueStore({ name: 'records' });
  const state = { isOver: false, acknowledged: 0, failed: 0 };

  const write = async (writer: number): Promise<void> => {
    const key = `key-${writer}`;
    let possible: (string | undefined)[] = [undefined];
    for (let round = 0; !state.isOver; round += 1) {
      const text = valueOf(writer, round);
      const bytes = new TextEncoder().encode(text);
      const value = round % 3 === 0 ? new Blob([bytes]).stream() : bytes;
      try {
        await store.setRecord({ key, value, contentType: 'text/plain' });
        state.acknowledged += 1;
        possible = [text];
      } catch (error) {
        if (!isKvError(error, 'KV_BACKEND_FAILED')) throw error;
        state.failed += 1;
        possible.push(text);
        await delay(20);
      }
    }
    const record = await store.getRecord(key);
    expect(possible).toContain(record && new TextDecoder().decode(record.value));
  };

  const writers = Array.from({ length: WRITERS }, (_, index) => write(index));
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = state.acknowledged;
    while (state.acknowledged < before + 5 * WRITERS) await delay(5);
    await server.end('SIGKILL');
    server = await ServerProcess.start(dir, port);
  }
  state.isOver = true;
  await Promise.all(writers);
  expect(state.acknowledged).toBeGreaterThan(KILLS * WRITERS);
  const { items } = await store.listKeys();
  expect(items.map(({ key }) => key)).toEqual(Array.from({ length: WRITERS }, (_, index) => `key-${index}`).toSorted());
}, 180_000);
