/** Lets a number of operations run at once; the others wait, first come first served. */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Whether an operation would run at once. */
  get isFree(): boolean {
    return this.#free > 0;
  }

  /** Runs an operation when its turn has come. */
  async pass<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await operation();
    } finally {
      const next = this.#waiting.shift();
      // Whoever is next takes over the place.
      if (next) next();
      else this.#free += 1;
    }
  }
}
