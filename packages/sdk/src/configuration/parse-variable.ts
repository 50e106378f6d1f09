import { isRecordKey, KvError } from '@kv/core';

/** Takes the text of a variable as it is. */
export function parseText(text: string): string {
  return text;
}

/** Reads a switch: `0` and `false`, in any case, are off; everything else is on. An empty variable is an unset one. */
export function parseBoolean(text: string): boolean {
  return !['0', 'false'].includes(text.trim().toLowerCase());
}

/**
 * Reads a time in milliseconds.
 *
 * @throws KvError `KV_CONFIGURATION_INVALID` when it is not a positive whole number.
 */
export function parseMillis(text: string, variable: string): number {
  const millis = Number(text);
  if (isInterval(millis)) return millis;
  throw new KvError(
    'KV_CONFIGURATION_INVALID',
    `The environment variable ${variable} is ${JSON.stringify(text)}, but it must be a time in whole milliseconds, such as 60000.`,
    { details: { variable } },
  );
}

/** Tells whether a number is a time that a timer takes: whole, positive, and at most some 25 days. */
export function isInterval(millis: number): boolean {
  return Number.isInteger(millis) && millis > 0 && millis < 2 ** 31;
}

/**
 * Reads a record key or the id of a store, which is a name of the same alphabet.
 *
 * @throws KvError `KV_CONFIGURATION_INVALID` when it is not legal.
 */
export function parseKey(text: string, variable: string): string {
  if (isRecordKey(text)) return text;
  throw new KvError(
    'KV_CONFIGURATION_INVALID',
    `The environment variable ${variable} is ${JSON.stringify(text)}, but it must have 1 to 256 characters of a-zA-Z0-9!-_.'().`,
    { details: { variable } },
  );
}
