import { ApiError } from './api-error.js';

/** What is nested more deeply cannot be written out or compared without a stack of its own. */
const MAX_DEPTH = 200;

/**
 * Reads JSON of a client.
 *
 * @throws ApiError 400.
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) {
    throw new ApiError(400, 'invalid-request', `The JSON is nested more deeply than ${MAX_DEPTH} levels.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, 'invalid-request', 'The body is not valid JSON.', { cause });
  }
}

/** Looks at brackets outside of strings alone, before anything is built of them. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
