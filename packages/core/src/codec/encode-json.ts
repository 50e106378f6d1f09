import { KvError } from '../errors/kv-error.js';
import { findJsonProblem } from './find-json-problem.js';

/**
 * Serialises a value as JSON with an indent of two spaces.
 *
 * Properties that are `undefined`, functions or symbols are left out, as `JSON.stringify` does; what JSON would change
 * silently is refused: NaN and infinities, invalid dates, maps, sets, and bytes inside an object.
 *
 * @throws {@link KvError} `KV_VALUE_INVALID`, naming the path to a value that JSON cannot express.
 */
export function encodeJson(value: unknown): string {
  const problem = findJsonProblem(value);
  if (problem) throw invalidValue(`${problem.path} is ${problem.reason}`, problem.path);
  try {
    const text: string | undefined = JSON.stringify(value, null, 2);
    if (text === undefined) throw invalidValue('$ becomes undefined by its toJSON method', '$');
    return text;
  } catch (error) {
    // V8 reports a text longer than a string may be as a RangeError.
    if (error instanceof RangeError) throw invalidValue('$ is too large for one JSON text', '$', error);
    throw error;
  }
}

function invalidValue(problem: string, path: string, cause?: unknown): KvError {
  return new KvError('KV_VALUE_INVALID', `The value cannot be stored as JSON: ${problem}.`, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
