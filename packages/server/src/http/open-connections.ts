import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Options of {@link OpenConnections}. */
interface OpenConnectionsOptions {
  readonly maxPerAddress: number;
  /** Is told of each connection that is over. */
  readonly onClosed: (socket: Socket) => void;
}

/** The connections of a server, and which of them wait for an answer. */
export class OpenConnections {
  // Those that were answered stay until the next request: to listen for the end of each answer takes longer.
  readonly #answers = new Map<Duplex, ServerResponse[]>();
  readonly #perAddress = new Map<string, number>();
  #isClosing = false;

  constructor(server: Server, { maxPerAddress, onClosed }: OpenConnectionsOptions) {
    server.on('connection', (socket) => {
      const { remoteAddress: address = '' } = socket;
      if (this.#count(address, 1) > maxPerAddress) socket.destroy();
      this.#answers.set(socket, []);
      socket.once('close', () => {
        this.#answers.delete(socket);
        this.#count(address, -1);
        onClosed(socket);
      });
    });
  }

  /** Takes note of a request that is to be answered. */
  add(response: ServerResponse): void {
    const { socket } = response.req;
    const answers = this.#answers.get(socket) ?? [];
    // Those of one connection end in order.
    while (answers[0] && isOver(answers[0])) answers.shift();
    answers.push(response);
    if (this.#isClosing) this.#endAfter(response, socket);
  }

  /** Tells whether a request waits for its answer. */
  isAnswering(socket: Duplex): boolean {
    return this.#waiting(socket).length > 0;
  }

  /** Tells whether an answer is being sent, so that nothing else can be. */
  isSending(socket: Duplex): boolean {
    return this.#waiting(socket).some(({ headersSent }) => headersSent);
  }

  /** Ends the connections that wait for nothing now, and the others when they have their answer. */
  close(): void {
    this.#isClosing = true;
    for (const socket of this.#answers.keys()) {
      const waiting = this.#waiting(socket);
      if (waiting.length === 0) socket.destroy();
      for (const response of waiting) this.#endAfter(response, response.req.socket);
    }
  }

  #waiting(socket: Duplex): readonly ServerResponse[] {
    return this.#answers.get(socket)?.filter((response) => !isOver(response)) ?? [];
  }

  #endAfter(response: ServerResponse, socket: Socket): void {
    response.once('close', () => {
      if (!this.isAnswering(socket)) socket.end();
    });
  }

  /** Counts the connections of an address; gives how many there are now. */
  #count(address: string, change: 1 | -1): number {
    const count = (this.#perAddress.get(address) ?? 0) + change;
    if (count > 0) this.#perAddress.set(address, count);
    else this.#perAddress.delete(address);
    return count;
  }
}

/** Node destroys a response when it is sent, or its connection is gone. */
function isOver({ destroyed }: ServerResponse): boolean {
  return destroyed;
}
