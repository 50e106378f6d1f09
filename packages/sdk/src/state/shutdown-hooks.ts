type Signal = 'SIGINT' | 'SIGTERM';

/** What is to be done before the process ends. */
export interface ShutdownHook {
  /** SIGINT or SIGTERM has come. */
  readonly onSignal: () => Promise<void>;
  /** There is nothing left to do; what this starts may be followed by another call, which is not the first any more. */
  readonly onIdle: (isFirst: boolean) => Promise<void>;
}

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM'];
const hooks = new Set<ShutdownHook>();
let isInstalled = false;
let isIdleFirst = true;
let isShuttingDown = false;

/**
 * Has work done before the process ends by SIGINT, by SIGTERM, or because there is nothing left to do.
 *
 * A signal then ends the process as it would have without us, a second one at once, unless the program listens to it too: its
 * own handler decides.
 *
 * @returns a function that takes the hook back.
 */
export function addShutdownHook(hook: ShutdownHook): () => void {
  hooks.add(hook);
  if (!isInstalled) install();
  return () => void hooks.delete(hook);
}

function install(): void {
  isInstalled = true;
  process.on('beforeExit', () => void handleIdle());
  for (const signal of SIGNALS) process.on(signal, handleSignal);
}

async function handleIdle(): Promise<void> {
  const isFirst = isIdleFirst;
  isIdleFirst = false;
  await runHooks(({ onIdle }) => onIdle(isFirst));
}

function handleSignal(signal: Signal): void {
  if (isShuttingDown) endBy(signal);
  else void shutDown(signal);
}

async function shutDown(signal: Signal): Promise<void> {
  isShuttingDown = true;
  await runHooks(({ onSignal }) => onSignal());
  isShuttingDown = false;
  endBy(signal);
}

async function runHooks(run: (hook: ShutdownHook) => Promise<void>): Promise<void> {
  await Promise.all([...hooks].map(run));
}

/** Without our handler, the signal does what it does by default. */
function endBy(signal: Signal): void {
  if (process.listenerCount(signal) > 1) return;
  process.off(signal, handleSignal);
  process.kill(process.pid, signal);
}
