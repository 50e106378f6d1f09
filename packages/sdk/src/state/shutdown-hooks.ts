type Signal = 'SIGINT' | 'SIGTERM';

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM'];
const hooks = new Set<(signal?: Signal) => Promise<void>>();
let isInstalled = false;

/**
 * Has work done before the process ends by SIGINT, by SIGTERM, or because there is nothing left to do.
 *
 * A signal then ends the process as it would have without us, unless the program listens to it too: its own handler decides.
 *
 * @returns a function that takes the hook back.
 */
export function addShutdownHook(hook: (signal?: Signal) => Promise<void>): () => void {
  hooks.add(hook);
  if (!isInstalled) install();
  return () => void hooks.delete(hook);
}

function install(): void {
  isInstalled = true;
  process.once('beforeExit', () => void runHooks());
  for (const signal of SIGNALS) {
    process.once(signal, () => void runHooks(signal).then(() => endBy(signal)));
  }
}

async function runHooks(signal?: Signal): Promise<void> {
  await Promise.all([...hooks].map((hook) => hook(signal)));
}

/** With our handler gone after its one call, the signal does what it does by default. */
function endBy(signal: Signal): void {
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
