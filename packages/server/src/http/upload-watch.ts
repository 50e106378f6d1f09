import type { IncomingMessage } from 'node:http';
import type { ServerLimits } from '../server-options.js';

/** The limits of {@link ServerLimits} that say how fast a body must come. */
type UploadLimits = Pick<ServerLimits, 'uploadBytes' | 'uploadWindowMillis'>;

/** Ends the connections of clients that send a body too slowly, so that they do not hold them for ever. */
export class UploadWatch {
  readonly #minBytes: number;
  readonly #uploads = new Map<IncomingMessage, number>();
  readonly #timer: NodeJS.Timeout;

  constructor({ uploadBytes, uploadWindowMillis }: UploadLimits) {
    this.#minBytes = uploadBytes;
    this.#timer = setInterval(() => this.#check(), uploadWindowMillis);
    this.#timer.unref();
  }

  /** Looks after a request until its body is complete. */
  add(request: IncomingMessage): void {
    // Most requests have none. To remember those as well would keep all of a window in memory.
    if (!hasBody(request)) return;
    this.#uploads.set(request, request.socket.bytesRead);
    request.once('close', () => this.#uploads.delete(request));
  }

  /** Ends the watch. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    for (const [request, before] of this.#uploads) {
      if (request.complete || request.destroyed) {
        this.#uploads.delete(request);
        continue;
      }
      const { bytesRead } = request.socket;
      // When its buffer is full, the client waits for us.
      const isOurTurn = request.readableLength >= request.readableHighWaterMark;
      if (!isOurTurn && bytesRead - before < this.#minBytes) request.socket.destroy();
      this.#uploads.set(request, bytesRead);
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
