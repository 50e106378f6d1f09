import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The connections of a server, and which of them wait for an answer. */
export class OpenConnections {
  readonly #sockets = new Set<Socket>();
  // One set for all: one for each connection would be made and thrown away with every request.
  readonly #answers = new Set<ServerResponse>();
  readonly #perAddress = new Map<string, number>();
  #isClosing = false;

  constructor(server: Server, maxPerAddress: number) {
    server.on('connection', (socket) => {
      const { remoteAddress: address = '' } = socket;
      if (this.#count(address, 1) > maxPerAddress) socket.destroy();
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#count(address, -1);
      });
    });
  }

  /** Takes note of a request that is to be answered. */
  add(response: ServerResponse): void {
    this.#answers.add(response);
    response.once('close', () => this.#remove(response));
  }

  /** Tells whether a request waits for its answer. */
  isAnswering(socket: Duplex): boolean {
    return [...this.#answers].some((response) => isOn(response, socket));
  }

  /** Tells whether an answer is being sent, so that nothing else can be. */
  isSending(socket: Duplex): boolean {
    return [...this.#answers].some((response) => isOn(response, socket) && response.headersSent);
  }

  /** Ends the connections that wait for nothing now, and the others when they have their answer. */
  close(): void {
    this.#isClosing = true;
    const waiting = new Set([...this.#answers].map(({ req }) => req.socket));
    for (const socket of this.#sockets) if (!waiting.has(socket)) socket.destroy();
  }

  /** Counts the connections of an address; gives how many there are now. */
  #count(address: string, change: 1 | -1): number {
    const count = (this.#perAddress.get(address) ?? 0) + change;
    if (count > 0) this.#perAddress.set(address, count);
    else this.#perAddress.delete(address);
    return count;
  }

  #remove(response: ServerResponse): void {
    this.#answers.delete(response);
    if (!this.#isClosing) return;
    const { socket } = response.req;
    if (!this.isAnswering(socket)) socket.end();
  }
}

function isOn({ req }: ServerResponse, socket: Duplex): boolean {
  return req.socket === socket;
}
