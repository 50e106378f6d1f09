import type { KvServer } from '../create-server.js';
import type { ListeningServer } from '../http/listen.js';
import { UsageError } from './usage-error.js';

const MAX_PORT = 65_535;

/** What to do when the server cannot listen, by the code of the error. */
const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already. Stop it, or choose another port with --port; 0 takes any that is free',
  EADDRNOTAVAIL: 'that is no address of this machine. Choose another one with --host',
  ENOTFOUND: 'there is no host of that name. Choose an address of this machine with --host',
  EAI_AGAIN: 'the name could not be looked up. Choose an address of this machine with --host',
  EACCES: 'you may not. Choose a port of 1024 or more with --port',
};

/**
 * Has a server listen on an address.
 *
 * @throws UsageError that says what to do when it cannot.
 */
export async function listenOn(server: KvServer, host: string, port: number): Promise<ListeningServer> {
  if (port > MAX_PORT) throw new UsageError(`--port must be at most ${MAX_PORT}, not ${port}.`);
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const advice = LISTEN_PROBLEMS[code];
    if (advice === undefined) throw error;
    throw new UsageError(`Cannot listen on port ${port} of ${host} (${code}): ${advice}.`);
  }
}
