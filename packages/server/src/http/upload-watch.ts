import type { IncomingMessage } from 'node:http';

/** Options of an {@link UploadWatch}. */
export interface UploadWatchOptions {
  /** How many bytes a client must send in one window, in bytes. */
  readonly minBytes: number;
  /** Length of a window in milliseconds. */
  readonly windowMillis: number;
}

/** Ends the connections of clients that send a body too slowly, so that they do not hold them for ever. */
export class UploadWatch {
  readonly #options: UploadWatchOptions;
  readonly #uploads = new Map<IncomingMessage, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: UploadWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#check(), options.windowMillis);
    this.#timer.unref();
  }

  /** Looks after a request until its body is complete. */
  add(request: IncomingMessage): void {
    if (!request.complete) this.#uploads.set(request, request.socket.bytesRead);
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
      if (!isOurTurn && bytesRead - before < this.#options.minBytes) request.socket.destroy();
      this.#uploads.set(request, bytesRead);
    }
  }
}
