import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { KvError } from '@kv/core';
import { toKvError } from '../io/file-error.js';
import type { DoctorOptions, DoctorReport } from './doctor-report.js';

/**
 * Looks for damage in a storage directory, explains what it finds, and repairs it if asked to.
 *
 * It reads every file, opens nothing and, without `repair`, writes nothing. Other processes may go on reading and writing
 * meanwhile; what one of them is just doing is no finding. JSON records of more than 64 MiB are not parsed.
 *
 * A repair deletes nothing but temp files of writers that are no more. What cannot stay where it is moves to
 * `{dir}/.kv/quarantine/`, under its path. A second repair finds nothing more to do.
 *
 * @throws `TypeError` when an option has the wrong type.
 * @throws {@link KvError} `KV_STORAGE_NOT_FOUND` when there is no such directory, `KV_ACCESS_DENIED` when it cannot be read.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { doctor } from '@kv/fs';
 *
 * mkdirSync('./storage/key_value_stores/default', { recursive: true });
 * writeFileSync('./storage/key_value_stores/default/STATE.json', '{"page": 1');
 *
 * const { findings } = await doctor({ dir: './storage', repair: true });
 * for (const { code, isRepaired, remedy } of findings) console.log(code, isRepaired, remedy);
 * ```
 */
export async function doctor(options: DoctorOptions): Promise<DoctorReport> {
  const { dir, repair = false, signal } = options;
  if (typeof dir !== 'string' || dir === '') throw new TypeError('The option "dir" must be the path of a directory.');
  if (typeof repair !== 'boolean') throw new TypeError('The option "repair" must be true or false.');
  signal?.throwIfAborted();
  const root = resolve(dir);
  if (!statSync(root, { throwIfNoEntry: false })) throw notFound(root);
  try {
    readdirSync(root);
    // Most programs never need this; they start sooner without it.
    const { treat } = await import('./treat.js');
    return await treat(root, repair, signal);
  } catch (error) {
    throw toKvError(error, root);
  }
}
function notFound(location: string): KvError {
  return new KvError(
    'KV_STORAGE_NOT_FOUND',
    `There is no directory ${location}. Give the one that holds key_value_stores.`,
    {
      details: { location },
    },
  );
}
