import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Waits for what a child says next; rejects when it dies instead. */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
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
