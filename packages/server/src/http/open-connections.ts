import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of a server, and which of them wait for an answer. */
export class OpenConnections {
  readonly #sockets = new Set<Socket>();
  readonly #answering = new Map<Socket, number>();
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
    const { socket } = response.req;
    this.#answering.set(socket, (this.#answering.get(socket) ?? 0) + 1);
    response.once('close', () => this.#remove(socket));
  }

  /** Ends the connections that wait for nothing now, and the others when they have their answer. */
  close(): void {
    this.#isClosing = true;
    for (const socket of this.#sockets) if (!this.#answering.has(socket)) socket.destroy();
  }

  /** Counts the connections of an address; gives how many there are now. */
  #count(address: string, change: 1 | -1): number {
    const count = (this.#perAddress.get(address) ?? 0) + change;
    if (count > 0) this.#perAddress.set(address, count);
    else this.#perAddress.delete(address);
    return count;
  }

  #remove(socket: Socket): void {
    const count = (this.#answering.get(socket) ?? 1) - 1;
    if (count > 0) return void this.#answering.set(socket, count);
    this.#answering.delete(socket);
    if (this.#isClosing) socket.end();
  }
}
