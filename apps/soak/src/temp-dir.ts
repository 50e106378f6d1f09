import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs something in a directory of its own, which is removed when all went well and kept for a look when not. */
export async function inTempDir<T>(run: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'kv-soak-'));
  const result = await run(dir);
  rmSync(dir, { recursive: true, force: true });
  return result;
}
