import { statSync } from 'node:fs';
import { join } from 'node:path';
import { markedName } from './process-mark.js';

/**
 * Looks for a file in a directory, and once more when it is missing; `undefined` when it still is.
 *
 * Through FUSE, a file that is being replaced is missing from when the driver has renamed the other one to when the kernel
 * knows. The directory is locked meanwhile, and only a look for a name that it has not heard of waits for that.
 */
export function lookTwice<T>(dir: string, look: () => T | undefined): T | undefined {
  const found = look();
  if (found !== undefined) return found;
  statSync(join(dir, markedName()), { throwIfNoEntry: false });
  return look();
}
