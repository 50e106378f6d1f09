import { fork } from 'node:child_process';
import { join } from 'node:path';
import { createBackend } from '@kv/fs';
import { nextMessage } from '../next-message.ts';
import { inTempDir } from '../temp-dir.ts';

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
    const children = Array.from({ length: processes }, () =>
      fork(join(import.meta.dirname, 'share-child.ts'), ['create', storage, '0', `${names}`]),
    );
    await Promise.all(children.map((child) => nextMessage(child)));
    const answers = children.map((child) => nextMessage<string[]>(child));
    for (const child of children) child.send('begin');
    const [first = [], ...others] = await Promise.all(answers);
    await using backend = createBackend({ dir: storage });
    const listed = (await backend.listKeyValueStores()).map(({ id }) => id).toSorted();
    for (const ids of [...others, listed]) {
      if (ids.toSorted().join() !== first.toSorted().join()) throw new Error(`a name has several ids in ${dir}`);
    }
    return { processes, stores: listed.length };
  });
}
