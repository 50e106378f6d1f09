import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of a server, and which of them wait for an answer. */
export class OpenConnections {
  readonly #sockets = new Set<Socket>();
  readonly #answering = new Map<Socket, number>();
  #isClosing = false;

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
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

  #remove(socket: Socket): void {
    const count = (this.#answering.get(socket) ?? 1) - 1;
    if (count > 0) return void this.#answering.set(socket, count);
    this.#answering.delete(socket);
    if (this.#isClosing) socket.end();
  }
}
