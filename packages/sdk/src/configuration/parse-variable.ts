import { KvError } from '@kv/core';

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
  if (Number.isSafeInteger(millis) && millis > 0) return millis;
  throw new KvError(
    'KV_CONFIGURATION_INVALID',
    `The environment variable ${variable} is ${JSON.stringify(text)}, but it must be a time in whole milliseconds, such as 60000.`,
    { details: { variable } },
  );
}
