import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { createBackend } from '../create-backend.js';
import type { AbortMessage, Answer, CallMessage, Message, StoreAnswer, ThreadData } from './messages.js';
import { packError } from './packed-error.js';

type Callable = Record<string, (...args: unknown[]) => Promise<unknown>>;

const port = parentPort as MessagePort;
const backend = createBackend((workerData as ThreadData).options);
const stores: object[] = [];
const controllers = new Map<number, AbortController>();

port.on('message', (message: Message) => {
  if ('end' in message) port.close();
  else if ('abort' in message) abort(message);
  else void answer(message);
});

function abort({ abort: call }: AbortMessage): void {
  controllers.get(call)?.abort();
}

async function answer(message: CallMessage): Promise<void> {
  const { call } = message;
  try {
    const result = await run(message);
    post({ call, result }, result);
  } catch (error) {
    post({ call, error: packError(error) });
  } finally {
    controllers.delete(call);
  }
}

async function run({ call, handle, method, args, hasSignal }: CallMessage): Promise<unknown> {
  const target = handle === undefined ? backend : stores[handle];
  const controller = new AbortController();
  if (hasSignal) controllers.set(call, controller);
  const last = args.at(-1);
  const options = hasSignal ? { ...(last as object | undefined), signal: controller.signal } : last;
  const result = await (target as unknown as Callable)[method]?.(...args.slice(0, -1), options);
  return method === 'openKeyValueStore' ? describeStore(result as object & { id: string }) : result;
}

function describeStore(store: object & { readonly id: string }): StoreAnswer {
  const known = stores.indexOf(store);
  const handle = known === -1 ? stores.push(store) - 1 : known;
  return { handle, id: store.id };
}

function post(message: Answer, result?: unknown): void {
  const parts = typeof result === 'object' && result !== null ? Object.values(result) : [];
  const streams = parts.filter((part) => part instanceof ReadableStream);
  port.postMessage(message, streams as never[]);
}
