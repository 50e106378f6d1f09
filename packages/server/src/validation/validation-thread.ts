import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import type { ValidationJob, Verdict } from './verdict.js';

/**
 * Checks JSON against JSON schemas in a thread of its own, one after the other: neither a schema that takes for ever nor a
 * large record keeps requests waiting that have none. The thread is started when it is needed first.
 */
export class ValidationThread {
  readonly #memoryMebibytes: number;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(memoryMebibytes: number) {
    this.#memoryMebibytes = memoryMebibytes;
  }

  /** Checks a job when those before it are done. */
  async validate(job: ValidationJob): Promise<Verdict> {
    const verdict = this.#last.then(async () => this.#run(job));
    this.#last = verdict.catch(() => undefined);
    return verdict;
  }

  async #run(job: ValidationJob): Promise<Verdict> {
    const worker = (this.#worker ??= startWorker(this.#memoryMebibytes));
    // It keeps the process alive only while it is at work.
    worker.ref();
    try {
      const answered = once(worker, 'message') as Promise<[Verdict]>;
      worker.postMessage(job, []);
      return (await answered)[0];
    } catch (error) {
      this.#worker = undefined;
      if (isOutOfMemory(error)) return { state: 'unusable' };
      throw error;
    } finally {
      worker.unref();
    }
  }
}

function startWorker(maxOldGenerationSizeMb: number): Worker {
  // Who has no schemas does not wait until Node has loaded threads.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  return new Worker(createRequire(import.meta.url).resolve('#validation-worker'), {
    resourceLimits: { maxOldGenerationSizeMb },
  });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
