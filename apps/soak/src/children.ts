import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The processes of one run. None of them outlives it, however it ends. */
export class Children implements AsyncDisposable {
  readonly all: ChildProcess[] = [];

  /** Starts a process; gives it when it has said that it is ready. */
  async start(path: string, args: readonly string[]): Promise<ChildProcess> {
    const child = fork(path, args);
    this.all.push(child);
    await nextMessage(child);
    return child;
  }

  /** Says the same to all, and gives what each says next. */
  async ask<T>(message: object | string): Promise<T[]> {
    const answers = this.all.map((child) => nextMessage<T>(child));
    for (const child of this.all) child.send(message);
    return Promise.all(answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.all) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

/** Waits for what a child says next; rejects when it dies instead. */
async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    const message = once(child, 'message', { signal }) as Promise<[T]>;
    const death = once(child, 'exit', { signal }).then(([code, by]) => {
      throw new Error(`the process ${child.pid} ended with ${code ?? by}`);
    });
    const [answer] = await Promise.race([message, death]);
    return answer;
  } finally {
    stop.abort();
  }
}
