import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerLimits } from '../server-options.js';

/** The limits of {@link ServerLimits} that say how fast a body must come. */
type UploadLimits = Pick<ServerLimits, 'uploadBytes' | 'uploadWindowMillis'>;

/** A body on its way, and how much its connection had brought when it was last looked at. */
interface Upload {
  readonly request: IncomingMessage;
  readonly before: number;
}

/** Ends the connections of clients that send a body too slowly, so that they do not hold them for ever. */
export class UploadWatch {
  readonly #minBytes: number;
  // One for each connection: the next request comes when the body of the last is complete. To listen for the end of each body
  // takes longer than to forget those that are over with the next look.
  readonly #uploads = new Map<Socket, Upload>();
  readonly #timer: NodeJS.Timeout;

  constructor({ uploadBytes, uploadWindowMillis }: UploadLimits) {
    this.#minBytes = uploadBytes;
    this.#timer = setInterval(() => this.#check(), uploadWindowMillis);
    this.#timer.unref();
  }

  /** Looks after a request until its body is complete. */
  add(request: IncomingMessage): void {
    const { socket } = request;
    if (hasBody(request)) this.#uploads.set(socket, { request, before: socket.bytesRead });
  }

  /** Forgets a connection that is over. */
  forget(socket: Socket): void {
    this.#uploads.delete(socket);
  }

  /** Ends the watch. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    for (const [socket, { request, before }] of this.#uploads) {
      if (request.complete || request.destroyed) {
        this.#uploads.delete(socket);
        continue;
      }
      const { bytesRead } = socket;
      // When its buffer is full, the client waits for us.
      const isOurTurn = request.readableLength >= request.readableHighWaterMark;
      if (!isOurTurn && bytesRead - before < this.#minBytes) socket.destroy();
      this.#uploads.set(socket, { request, before: bytesRead });
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
