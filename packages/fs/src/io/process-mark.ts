import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isFileError } from './file-error.js';

// Process ids mean something on one host, and there in one namespace: containers may share name and volume. The first
// namespace has one number everywhere; what tells machines of one name apart is when they were started.
const HOST_MARK = createHash('sha256')
  .update(hostname())
  .update(textOf(() => readlinkSync('/proc/self/ns/pid')))
  .update(textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')))
  .digest('hex')
  .slice(0, 8);
/** Begins the names of all that this copy of the module makes; the threads of a process have copies of their own. */
const OWN_MARK = `${HOST_MARK}-${process.pid}-${randomBytes(4).toString('hex')}`;
const MARK = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}/;
let count = 0;

/**
 * What is known of the maker of a marked name.
 *
 * - `self`: this very copy of the module.
 * - `sibling`: another thread or copy in this process.
 * - `alive`, `dead`: another process on this machine.
 * - `foreign`: a process of another machine or container, or of this one before it was started anew: nothing is known of it.
 */
export type Maker = 'self' | 'sibling' | 'alive' | 'dead' | 'foreign';

/** Makes a name that is nobody else's, and that tells who made it. */
export function markedName(): string {
  count += 1;
  return `${OWN_MARK}-${count.toString(36)}`;
}

/** Tells who made a name; `undefined` when it has no mark. */
export function makerOf(name: string): Maker | undefined {
  const [, host, pid] = MARK.exec(name) ?? [];
  if (host === undefined) return undefined;
  if (name.startsWith(`${OWN_MARK}-`)) return 'self';
  if (host !== HOST_MARK) return 'foreign';
  if (Number(pid) === process.pid) return 'sibling';
  return isAlive(Number(pid)) ? 'alive' : 'dead';
}

/** Reads what not every system tells. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isFileError(error, 'EPERM');
  }
}
