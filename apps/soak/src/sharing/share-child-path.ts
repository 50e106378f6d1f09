import { join } from 'node:path';

/** The program of the processes that share a directory. */
export const SHARE_CHILD: string = join(import.meta.dirname, 'share-child.ts');
