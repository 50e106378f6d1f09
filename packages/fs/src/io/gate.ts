import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvError } from '@kv/core';
import { isTaken, retryWhileBusy } from './busy-file.js';
import { isFileError } from './file-error.js';
import { draftOf } from './gate-draft.js';
import { listNames } from './list-names.js';
import { makeDirectory } from './make-directory.js';
import { makerOf, markedName } from './process-mark.js';
import { renewPassage } from './renew-passage.js';

const OPEN = 'tmp';
const HELD = 'held-';
const NEXT = 'next-';
// While a passage is renewed, there is a moment at which only its next directory tells who holds the gate.
const HOLDERS = [HELD, NEXT];
// A gate is held by synchronous calls. Who has not let go of it by then has stopped, and breaking it harms nobody.
const MAX_HOLD_MILLIS = 10_000;
const MAX_WAIT_MILLIS = 30_000;
const MAX_PAUSE_MILLIS = 4;

/** A directory that the files of a change lie in before they take their place, and after they have lost it. */
export interface Passage {
  /** Absolute path. */
  readonly path: string;
  /** Whether nobody else can change anything meanwhile. */
  readonly isHeld: boolean;
}

/** Options of a {@link Gate}. */
export interface GateOptions {
  /** Absolute path of the directory that belongs to the gate. */
  readonly dir: string;
  /** What the gate is for, in error messages. */
  readonly subject: string;
  /** Whether others pass through it without holding it; if not, it is a mere lock, and the files in the passage stay as they are. */
  readonly isPassed: boolean;
  /** Tells whether there is still something behind the gate; if not, the gate does not come into being, nor open again. */
  readonly isInUse?: (() => boolean) | undefined;
  /** Completes what a holder has left half done in the passage; called by whoever takes over. */
  readonly recover?: ((passage: Passage) => void) | undefined;
}

/**
 * Lets one process keep all others from changing something, at no cost for those who do not meet it.
 *
 * Every change ends with a rename out of, or into, the directory `tmp`. Whoever wants to be alone renames `tmp` itself:
 * from then on, the renames of all others fail with `ENOENT`, and they wait. Whoever dies while holding the gate is
 * found by its mark, and whoever is stopped and wakes up too late finds its own directory gone: its next step fails.
 */
export class Gate {
  /** The passage of those who need not be alone. */
  readonly open: Passage;
  readonly #dir: string;
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#dir = options.dir;
    this.#options = options;
    this.open = { path: join(options.dir, OPEN), isHeld: false };
  }

  /** Tells whether someone holds the gate. */
  get isHeld(): boolean {
    const names = listNames(this.#dir);
    return names.length > 0 && !names.includes(OPEN);
  }

  /** Holds the gate while a synchronous operation runs. The passage moves: own files in `open` are in the held one meanwhile. */
  async hold<T>(signal: AbortSignal | undefined, operation: (passage: Passage) => T): Promise<T> {
    for (;;) {
      const held = this.#tryClose(OPEN);
      if (!held) {
        await this.ready(signal);
        continue;
      }
      const result = this.#attempt(held, operation);
      // What is done must not be done again because the gate cannot be opened just now.
      await retryWhileBusy(() => this.#reopen(held));
      return result;
    }
  }

  #attempt<T>(held: Passage, operation: (passage: Passage) => T): T {
    try {
      return operation(held);
    } catch (error) {
      try {
        this.#release(held);
      } catch {
        // What cannot be completed now stays held, for the next one to complete.
      }
      throw error;
    }
  }

  /** Completes what is half done, and opens the gate again. */
  #release(held: Passage): void {
    this.#options.recover?.(held);
    this.#reopen(held);
  }

  /** Moves the gate while it is held; it is open in the new place. What stands there, nobody uses. */
  moveTo(dir: string): void {
    try {
      renameSync(this.#dir, dir);
    } catch (error) {
      if (!isTaken(error, dir)) throw error;
      // Not before: where `a` and `A` are one name, it could be this very gate.
      rmSync(dir, { recursive: true });
      renameSync(this.#dir, dir);
    }
    for (const name of listNames(dir)) if (name.startsWith(HELD)) renameSync(join(dir, name), join(dir, OPEN));
  }

  /** Opens the gate again; one that somebody has broken meanwhile is open already. */
  #reopen(held: Passage): void {
    try {
      renameSync(held.path, this.open.path);
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error;
    }
  }

  /**
   * Waits until the gate is open; makes it when there is none.
   *
   * @throws KvError `KV_STORAGE_BUSY` when it takes too long; `KV_STORAGE_NOT_FOUND` when there is nothing behind it any more.
   */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    const start = performance.now();
    let last: { readonly holder: string; readonly since: number } | undefined;
    for (;;) {
      signal?.throwIfAborted();
      const names = listNames(this.#dir);
      if (names.includes(OPEN)) return;
      const now = performance.now();
      const holder = HOLDERS.map((prefix) => names.find((name) => name.startsWith(prefix))).find(Boolean) ?? '';
      // A look at a directory that is changing just now may miss a name: only what is seen every time counts.
      if (last?.holder !== holder) last = { holder, since: now };
      const waited = now - last.since;
      if (names.length === 0) this.#create();
      else if (isAbandoned(holder, waited)) this.#takeOver(holder);
      else if (now - start > MAX_WAIT_MILLIS) throw this.#busy(holder);
      else await sleep(0.2 + Math.random() * MAX_PAUSE_MILLIS, undefined, signal ? { signal } : {});
    }
  }

  /** The directory comes into being with a held gate in it: nobody passes before it is known to be of use. */
  #create(): void {
    makeDirectory(dirname(this.#dir));
    const draft = draftOf(this.#dir);
    const held = HELD + markedName();
    mkdirSync(draft);
    try {
      mkdirSync(join(draft, held));
      renameSync(draft, this.#dir);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!isTaken(error, this.#dir)) throw error;
      return;
    }
    this.#reopenIfInUse({ path: join(this.#dir, held), isHeld: true });
  }

  #reopenIfInUse(held: Passage): void {
    if (this.#options.isInUse?.() !== false) return this.#reopen(held);
    this.#remove();
    throw new KvError(
      'KV_STORAGE_NOT_FOUND',
      `There is no ${this.#options.subject} any more. Open it again to make a new one.`,
    );
  }

  /** Takes the directory away at one blow; of several who do so, one does. */
  #remove(): void {
    const gone = draftOf(this.#dir);
    try {
      renameSync(this.#dir, gone);
      rmSync(gone, { recursive: true, force: true });
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error;
    }
  }

  #tryClose(name: string): Passage | undefined {
    const mark = markedName();
    const held = { path: join(this.#dir, HELD + mark), isHeld: true };
    try {
      renameSync(join(this.#dir, name), held.path);
      if (this.#options.isPassed) this.#renew(held, NEXT + mark, name === OPEN);
      return held;
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  #renew(held: Passage, nextName: string, wasOpen: boolean): void {
    // Only now: who has lost the gate cannot bring anything into these any more.
    const leftovers = wasOpen ? [] : listNames(this.#dir).filter((name) => name.startsWith(NEXT));
    const next = join(this.#dir, nextName);
    try {
      mkdirSync(next);
    } catch (error) {
      // On a full disk, say. Nothing was done behind the gate yet.
      if (wasOpen) this.#reopen(held);
      throw error;
    }
    renewPassage(
      held.path,
      next,
      leftovers.map((name) => join(this.#dir, name)),
    );
  }

  #takeOver(holder: string): void {
    // Without a holder, somebody has removed the passage by hand.
    const held = this.#tryClose(holder === '' ? this.#newPassage() : holder);
    if (!held) return;
    this.#options.recover?.(held);
    this.#reopenIfInUse(held);
  }

  #newPassage(): string {
    const name = HELD + markedName();
    mkdirSync(join(this.#dir, name));
    return name;
  }

  #busy(holder: string): KvError {
    const path = join(this.#dir, holder);
    return new KvError(
      'KV_STORAGE_BUSY',
      `Cannot change ${this.#options.subject}: other processes have held it for ${MAX_WAIT_MILLIS / 1000} s (${path}). Try again, or end the process that has stopped.`,
      { details: { path } },
    );
  }
}

/** What this module holds, it holds within one synchronous call: if it can look, the call has failed half way. */
function isAbandoned(holder: string, waitedMillis: number): boolean {
  const maker = makerOf(holder.slice(holder.indexOf('-') + 1));
  return maker === 'self' || maker === 'dead' || waitedMillis > MAX_HOLD_MILLIS;
}
