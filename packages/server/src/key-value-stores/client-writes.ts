import { ApiError } from '../http/api-error.js';

/** How many records are remembered while a client still waits for an older write. */
const MAX_PLACES = 1000;

/** What became of a write: without an error, it was done. */
export interface Outcome {
  readonly error?: unknown;
}

/** What is known of the writes of one record. */
interface Place {
  /** The highest number that was done; 0 for none. */
  readonly done: number;
  /** The last one that has failed in a way that no repetition changes. */
  readonly failed?: { readonly number: number; readonly outcome: Outcome };
}

const NOTHING: Place = { done: 0 };
const DONE: Outcome = {};

/** What became of the writes of one client, from the oldest on that it still waits for. */
export class ClientWrites {
  readonly #places = new Map<string, Place>();
  #oldest = 0;

  /** Forgets the writes before the oldest one that the client waits for: nobody waits for another attempt of them. */
  forgetBefore(oldest: number): void {
    if (oldest <= this.#oldest) return;
    this.#oldest = oldest;
    for (const [place, { done, failed }] of this.#places) {
      if (Math.max(done, failed?.number ?? 0) < oldest) this.#places.delete(place);
    }
  }

  /** Tells what became of a write; `undefined` when it is to be done now. */
  outcomeOf(place: string, number: number, isConditional: boolean): Outcome | undefined {
    const { done, failed } = this.#places.get(place) ?? NOTHING;
    if (number === done) return DONE;
    if (number === failed?.number) return failed.outcome;
    if (number < this.#oldest) return { error: outdated() };
    if (number > done) return undefined;
    // The newer one began while the client waited for this one. So this one may have been done just before, and nobody can
    // have seen it; but whether its condition held then is not known.
    return isConditional ? { error: outdated() } : DONE;
  }

  /** Remembers what became of a write. */
  settle(place: string, number: number, outcome: Outcome): void {
    const known = this.#places.get(place) ?? NOTHING;
    this.#places.delete(place);
    this.#places.set(
      place,
      'error' in outcome ? { ...known, failed: { number, outcome } } : { ...known, done: number },
    );
    if (this.#places.size <= MAX_PLACES) return;
    const [first = ''] = this.#places.keys();
    this.#places.delete(first);
  }
}

function outdated(): ApiError {
  return new ApiError(412, 'precondition-failed', 'The client has sent a newer write since, by "X-KV-Write".');
}
