const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const ID_LENGTH = 17;
// The greatest multiple of the alphabet's size in a byte: larger bytes would favour its first letters.
const UNBIASED_LIMIT = 256 - (256 % ALPHABET.length);

/**
 * Creates a storage id: 17 characters of `[a-zA-Z0-9]` from a cryptographic source, so that nobody can guess it.
 *
 * About 101 bits; the form is Apify's.
 */
export function createStorageId(): string {
  let id = '';
  while (id.length < ID_LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(ID_LENGTH))) {
      if (byte < UNBIASED_LIMIT && id.length < ID_LENGTH) id += ALPHABET[byte % ALPHABET.length];
    }
  }
  return id;
}
