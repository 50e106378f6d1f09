const ENDING = '.json';

/**
 * Keys in their order, without doubles.
 *
 * Each is kept as the name `KEY.json`, which is what nearly all files in a store are called: to make keys of 100,000 names
 * takes far longer than to make those of a page.
 */
export class SortedKeys {
  readonly #files: readonly string[];

  private constructor(files: readonly string[]) {
    this.#files = files;
  }

  /** Sorts keys that are given as `KEY.json`. Keys are ASCII, so the order of UTF-16 units is the order of their UTF-8 bytes. */
  static fromFiles(files: readonly string[]): SortedKeys {
    const sorted = files.toSorted();
    return new SortedKeys(isInOrder(sorted) ? sorted : inOrder(sorted));
  }

  get length(): number {
    return this.#files.length;
  }

  /** Gives a key. */
  at(index: number): string {
    return keyOf(this.#files[index] as string);
  }

  /** Finds the first key that is not before another one. */
  firstFrom(key: string): number {
    return firstIndex(this.#files, key);
  }

  /** Gives these keys and some more. */
  with(keys: Iterable<string>): SortedKeys {
    return SortedKeys.fromFiles([...this.#files, ...Array.from(keys, (key) => key + ENDING)]);
  }
}

/** Tells whether sorted names are in the order of their keys, without doubles. */
function isInOrder(files: readonly string[]): boolean {
  for (let index = 1; index < files.length; index += 1) {
    const file = files[index] as string;
    const previous = files[index - 1] as string;
    if (file === previous || isOvertaken(file, previous)) return false;
  }
  return true;
}

/** Brings sorted names into the order of their keys. */
function inOrder(files: readonly string[]): string[] {
  const ordered: string[] = [];
  for (const [index, file] of files.entries()) {
    const previous = files[index - 1] ?? '';
    if (file === previous) continue;
    if (isOvertaken(file, previous)) ordered.splice(firstIndex(ordered, keyOf(file)), 0, file);
    else ordered.push(file);
  }
  return ordered;
}

/**
 * Tells whether the name before comes after a name by its key: `a-b.json` is before `a.json`, but `a` before `a-b`. All names
 * in between begin with `a`, so that a look at one is enough.
 */
function isOvertaken(file: string, previous: string): boolean {
  return previous.length > file.length && previous.startsWith(keyOf(file));
}

function keyOf(file: string): string {
  return file.slice(0, -ENDING.length);
}

function firstIndex(files: readonly string[], key: string): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(files[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
