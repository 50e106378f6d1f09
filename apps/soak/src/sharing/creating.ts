import { join } from 'node:path';
import { createBackend } from '@kv/fs';
import { Children } from '../children.ts';
import { inTempDir } from '../temp-dir.ts';
import { SHARE_CHILD } from './share-child-path.ts';

/** What processes that open the same new names at once have got. */
export interface CreatingFigures {
  readonly processes: number;
  readonly stores: number;
}

/**
 * Lets several processes open the same new names at once.
 *
 * @throws Error unless each name is one store with one id to all of them, and afterwards.
 */
export async function runCreating(processes: number, names: number): Promise<CreatingFigures> {
  return inTempDir(async (dir) => {
    const storage = join(dir, 'storage');
    await using children = new Children();
    const args = ['create', storage, '0', String(names)];
    await Promise.all(Array.from({ length: processes }, () => children.start(SHARE_CHILD, args)));
    const [first = [], ...others] = await children.ask<string[]>('begin');
    await using backend = createBackend({ dir: storage });
    const listed = (await backend.listKeyValueStores()).map(({ id }) => id).toSorted();
    for (const ids of [...others, listed]) {
      if (ids.toSorted().join() !== first.toSorted().join()) throw new Error(`a name has several ids in ${dir}`);
    }
    return { processes, stores: listed.length };
  });
}
