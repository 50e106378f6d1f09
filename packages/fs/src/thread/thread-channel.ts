import type { Worker } from 'node:worker_threads';
import { KvError } from '@kv/core';
import type { OperationOptions } from '@kv/core';
import type { Answer, Message, ThreadData } from './messages.js';
import { unpackError } from './packed-error.js';

interface PendingCall {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A call of a method in the thread. */
export interface ThreadCall {
  /** The store that is meant; none for the backend itself. */
  readonly handle?: number;
  readonly method: string;
  readonly args?: readonly unknown[];
  /** The last argument, whose signal stays here. */
  readonly options?: OperationOptions | undefined;
  /** A stream that goes over to the thread. */
  readonly stream?: ReadableStream<Uint8Array> | undefined;
}

/** Calls methods of a backend that runs in a thread of its own. The thread keeps nobody alive unless it is at work. */
export class ThreadChannel {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingCall>();
  readonly #location: string;
  #count = 0;
  #isEnding = false;
  #failure: KvError | undefined;

  constructor(data: ThreadData, location: string) {
    this.#location = location;
    // Who has no use for threads does not wait until Node has loaded them.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    this.#worker = new Worker(new URL('thread/worker.js', import.meta.url), { workerData: data });
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.unref();
  }

  /** Calls a method, and gives what it gives. */
  async call<T>({ handle, method, args = [], options, stream }: ThreadCall): Promise<T> {
    if (this.#failure) throw this.#failure;
    const { signal, ...rest } = options ?? {};
    signal?.throwIfAborted();
    this.#count += 1;
    const call = this.#count;
    const message = { call, handle, method, args: [...args, rest], hasSignal: signal !== undefined };
    const abort = (): void => this.#post({ abort: call });
    try {
      const answer = new Promise<T>((resolve, reject) => this.#pending.set(call, { resolve, reject }));
      this.#worker.ref();
      this.#post(message, stream);
      signal?.addEventListener('abort', abort, { once: true });
      return await answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(call);
      this.#rest();
    }
  }

  /** Ends the thread when all calls are answered. */
  end(): void {
    this.#isEnding = true;
    this.#rest();
  }

  #rest(): void {
    if (this.#pending.size > 0) return;
    this.#worker.unref();
    if (this.#isEnding) this.#post({ end: true });
  }

  #post(message: Message, stream?: ReadableStream<Uint8Array>): void {
    try {
      this.#worker.postMessage(message, stream ? [stream as never] : []);
    } catch (cause) {
      // What cannot be sent is what the backend would not take.
      throw new TypeError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.call);
    if ('error' in answer) pending?.reject(unpackError(answer.error));
    else pending?.resolve(answer.result as never);
  }

  #fail(cause: unknown): void {
    const message = `The thread that works in ${this.#location} has died. Create another backend; what was acknowledged is there.`;
    this.#failure = new KvError('KV_BACKEND_FAILED', message, { details: { path: this.#location }, cause });
    for (const { reject } of this.#pending.values()) reject(this.#failure);
  }
}
