import { existsSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvError } from '@kv/core';
import { retryWhileBusy } from '../io/busy-file.js';
import { isFileError } from '../io/file-error.js';
import { Gate } from '../io/gate.js';
import type { Passage } from '../io/gate.js';
import { listNames } from '../io/list-names.js';
import { makerOf, markedName } from '../io/process-mark.js';
import { sweepTempFiles, writeFileNow } from '../io/temp-files.js';

const HEARTBEAT_MILLIS = 1000;
// A process whose heart does not beat for that long, and that cannot be seen otherwise, is no more.
const MAX_SILENCE_MILLIS = 5 * HEARTBEAT_MILLIS;
const PURGING = '.purging';

/** What a run writes down about itself. */
interface RunRecord {
  readonly pid: number;
  readonly host: string;
  readonly startedAt: string;
  /** When the system started the process, in its own units: a process id is used again. */
  readonly processStart?: string | undefined;
}

/**
 * Knows which runs have written into the default store of a directory and those opened by alias, so that no purge takes
 * their data. Who only reads is in nobody's way.
 *
 * Each process keeps a file in `{dir}/.kv/runs`, and touches it every second as a sign of life.
 */
export class Runs {
  readonly #root: string;
  readonly #gate: Gate;
  #own: string | undefined;
  #purgeMark: string | undefined;
  #users = 0;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#gate = new Gate({ dir: join(root, '.kv', 'runs'), subject: `the runs of ${root}`, isPassed: false });
  }

  /** Counts a backend in; the last that is counted out ends the run. */
  enter(): void {
    this.#users += 1;
  }

  /** Counts a backend out. */
  async leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0 || this.#own === undefined) return;
    await retryWhileBusy(async () => this.#gate.hold(undefined, (passage) => this.#end(passage.path)));
  }

  /** Removes what runs have left behind that are no more. What cannot be removed waits for the next time. */
  sweep(): void {
    try {
      sweepTempFiles(this.#gate.open.path);
    } catch (error) {
      if (!isFileError(error)) throw error;
    }
  }

  /** Writes down that this process is writing into the stores; waits while another one purges them. */
  async join(signal: AbortSignal | undefined): Promise<void> {
    if (this.#own !== undefined) return;
    try {
      while (!(await retryWhileBusy(async () => this.#tryJoin(signal), signal)))
        await sleep(5, undefined, signal ? { signal } : {});
    } catch (error) {
      // Where nothing can be written, nothing can be purged either.
      if (!isFileError(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }

  /**
   * Runs a purge that no other run's data is lost in.
   *
   * @throws KvError `KV_STORAGE_IN_USE`, which names the run that is using the stores.
   */
  async purge<T>(signal: AbortSignal | undefined, operation: () => Promise<T>): Promise<T> {
    const mark = markedName() + PURGING;
    // Who purges before anything was stored must not be the first to store something.
    if (!existsSync(this.#root)) return operation();
    await retryWhileBusy(async () => this.#claim(mark, signal), signal);
    this.#purgeMark = mark;
    try {
      return await operation();
    } finally {
      this.#purgeMark = undefined;
      const unclaim = (passage: Passage): void => rmSync(join(passage.path, mark), { force: true });
      await retryWhileBusy(async () => this.#gate.hold(undefined, unclaim));
    }
  }

  /** Puts down the mark of a purge when there is no other run, in one step for all who look. */
  async #claim(mark: string, signal: AbortSignal | undefined): Promise<void> {
    const dead = new Set<string>();
    for (;;) {
      const other = await this.#gate.hold(signal, (passage) => {
        const found = listNames(passage.path).find((name) => isOther(name) && !dead.has(name));
        if (found !== undefined) return found;
        for (const name of dead) rmSync(join(passage.path, name), { force: true });
        this.#register(passage.path);
        writeFileNow(join(passage.path, mark), describeSelf(), 'rename');
        return undefined;
      });
      if (other === undefined) return;
      if (await this.#isLive(other, signal)) throw this.#inUse(other);
      dead.add(other);
    }
  }

  async #tryJoin(signal: AbortSignal | undefined): Promise<boolean> {
    const purging = await this.#gate.hold(signal, (passage) => {
      const found = listNames(passage.path).find((name) => name.endsWith(PURGING) && isOther(name));
      if (found === undefined) this.#register(passage.path);
      return found;
    });
    if (purging === undefined) return true;
    if (!(await this.#isLive(purging, signal))) rmSync(join(this.#gate.open.path, purging), { force: true });
    return false;
  }

  #register(passage: string): void {
    if (this.#own !== undefined) return;
    const own = markedName();
    writeFileNow(join(passage, own), describeSelf(), 'rename');
    this.#own = own;
    endOnExit();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MILLIS).unref();
  }

  #beat(): void {
    try {
      const now = Date.now() / 1000;
      for (const name of [this.#own, this.#purgeMark]) {
        if (name !== undefined) utimesSync(join(this.#gate.open.path, name), now, now);
      }
    } catch (error) {
      // Someone holds the gate for a moment, or has removed the directory.
      if (!isFileError(error)) throw error;
    }
  }

  /** Ends the run with the process. */
  onExit(): void {
    this.#end(this.#gate.open.path);
  }

  #end(passage: string): void {
    if (this.#own === undefined) return;
    clearInterval(this.#heartbeat);
    rmSync(join(passage, this.#own), { force: true });
    this.#own = undefined;
  }

  async #isLive(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    const maker = makerOf(name);
    if (maker === undefined || maker === 'dead') return false;
    const { pid, processStart } = this.#read(name) ?? {};
    if (maker !== 'alive' || pid === undefined || processStart === undefined) return this.#hearHeart(name, signal);
    return processStart === processStartOf(pid);
  }

  /** What the system cannot tell of a run, its heartbeat tells: it is listened for, so that no clock has to be right. */
  async #hearHeart(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    const lastBeat = (): number | undefined => {
      return statSync(join(this.#gate.open.path, name), { throwIfNoEntry: false })?.mtimeMs;
    };
    const before = lastBeat();
    for (let waited = 0; waited < MAX_SILENCE_MILLIS; waited += HEARTBEAT_MILLIS / 4) {
      await sleep(HEARTBEAT_MILLIS / 4, undefined, signal ? { signal } : {});
      // While somebody holds the gate, there is nothing to see.
      const now = lastBeat() ?? before;
      if (now !== before) return true;
    }
    return false;
  }

  #read(name: string): RunRecord | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#gate.open.path, name), 'utf8')) as RunRecord;
    } catch (error) {
      if (isFileError(error) || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #inUse(name: string): KvError {
    const { pid, host, startedAt } = this.#read(name) ?? { pid: 0, host: '', startedAt: '' };
    return new KvError(
      'KV_STORAGE_IN_USE',
      `Cannot purge ${this.#root}: the process ${pid} on ${host}, started at ${startedAt}, is using it. ` +
        'Wait for its end, use another directory (APIFY_LOCAL_STORAGE_DIR), or start without a purge (KV_PURGE_ON_START=0).',
      { details: { location: this.#root, pid, host, startedAt } },
    );
  }
}

const runs = new Map<string, Runs>();
let endsOnExit = false;

/** Gives the runs of a directory: the backends of a process on it are one run. */
export function runsOf(root: string): Runs {
  const known = runs.get(root) ?? new Runs(root);
  runs.set(root, known);
  return known;
}

function endOnExit(): void {
  if (endsOnExit) return;
  endsOnExit = true;
  process.once('exit', () => runs.forEach((run) => run.onExit()));
}

/** Other threads of this process are the same run. */
function isOther(name: string): boolean {
  const maker = makerOf(name);
  return maker !== 'self' && maker !== 'sibling';
}

function describeSelf(): string {
  const startedAt = new Date(performance.timeOrigin).toISOString();
  const record: RunRecord = {
    pid: process.pid,
    host: hostname(),
    startedAt,
    processStart: processStartOf(process.pid),
  };
  return JSON.stringify(record, null, 2);
}

/** Reads when a process was started; `undefined` where the system does not tell. */
function processStartOf(pid: number): string | undefined {
  try {
    // The name of the program, in parentheses, may hold anything; the start is the 20th field after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}
