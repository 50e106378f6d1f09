import { statSync } from 'node:fs';

/** What changes of a directory when a name in it comes or goes. */
export interface DirectoryState {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

// Clocks of file systems tick at least every 16 ms.
const TICK_MILLIS = 50;

/** Looks at a directory; `undefined` when there is none. */
export function directoryState(path: string): DirectoryState | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true ? stats : undefined;
}

/** Tells whether the names in a directory are those of an earlier look at which it was settled, see {@link DirectoryWatch}. */
export function isSameState(a: DirectoryState, b: DirectoryState): boolean {
  return a.ctimeMs === b.ctimeMs && a.mtimeMs === b.mtimeMs && a.ino === b.ino;
}

/**
 * Tells whether any later change of a directory will show in its state.
 *
 * The clock of a file system ticks: a change within the tick of the last one leaves no trace. So a state counts when it has
 * been seen for longer than a tick, on the clock of this process: nobody says that the two clocks agree on the time of day.
 */
export class DirectoryWatch {
  #state: DirectoryState | undefined;
  #since = 0;

  /** Looks at a state that was taken just now. */
  isSettled(state: DirectoryState): boolean {
    const now = performance.now();
    if (!this.#state || !isSameState(this.#state, state)) {
      this.#state = state;
      this.#since = now;
    }
    return !isCoarse(state) && now - this.#since > TICK_MILLIS;
  }
}

/**
 * FAT and exFAT, whose times are multiples of 10 ms, do not mark a directory: never on Windows, and not when a file is moved
 * into it through FUSE. They cannot be told from others whose clocks are coarse.
 */
function isCoarse({ mtimeMs, ctimeMs }: DirectoryState): boolean {
  return mtimeMs % 10 === 0 && ctimeMs % 10 === 0;
}
