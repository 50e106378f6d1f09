import type { FsBackendOptions } from '../fs-backend-options.js';

/** A call on its way to the thread. */
export interface CallMessage {
  readonly call: number;
  /** The store that is meant; none for the backend itself. */
  readonly handle?: number | undefined;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Whether the call can be stopped by an {@link AbortMessage}. */
  readonly hasSignal: boolean;
}

/** Stops a call. */
export interface AbortMessage {
  readonly abort: number;
}

/** Ends the thread as soon as its streams have ended. */
export interface EndMessage {
  readonly end: true;
}

/** What goes to the thread. */
export type Message = CallMessage | AbortMessage | EndMessage;

/** What comes back from the thread. */
export type Answer =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: PackedError };

/** An open store, as the thread names it. */
export interface StoreAnswer {
  readonly handle: number;
  readonly id: string;
}

/** An error on its way between threads, which know errors by their names alone. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly details?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly cause?: PackedError;
}

/** What the thread is started with. */
export interface ThreadData {
  readonly options: Omit<FsBackendOptions, 'thread'> & { readonly dir: string };
}
