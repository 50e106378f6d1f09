/** Where and why a text is not JSON. */
export interface JsonError {
  /** What was found, in place of what. */
  readonly message: string;
  /** Line of the offending character, from 1. */
  readonly line: number;
  /** Column of the offending character, from 1, in UTF-16 units. */
  readonly column: number;
}

const WHITESPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LITERAL = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

/**
 * Finds the first character at which a text stops being JSON.
 *
 * `JSON.parse` knows it too, but whether and how it tells differs between engines and versions. Call it only with a text
 * that `JSON.parse` refused.
 */
export function findJsonError(text: string): JsonError {
  const open: ('{' | '[')[] = [];
  let expected = 'value' as Expected;
  let offset = 0;

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset;
    if (!pattern.test(text)) return false;
    offset = pattern.lastIndex;
    return true;
  };

  for (;;) {
    skip(WHITESPACE);
    const isDone = expected === 'comma or end' && open.length === 0;
    if (isDone || !step(text[offset])) return describe(text, offset, isDone ? undefined : expected, open.at(-1));
  }

  // Consumes one token; false when it is not what may stand here.
  function step(character: string | undefined): boolean {
    if (expected === 'comma or end') return separator(character);
    if (expected === 'colon') return punctuation(character === ':', 'value');
    if (expected === 'key or }' && character === '}') return close();
    if (expected === 'value or ]' && character === ']') return close();
    return expected.startsWith('key') ? string('colon') : value(character);
  }

  function value(character: string | undefined): boolean {
    if (character === '"') return string('comma or end');
    if (character !== '{' && character !== '[') return punctuation(skip(LITERAL), 'comma or end', 0);
    open.push(character);
    return punctuation(true, character === '{' ? 'key or }' : 'value or ]');
  }

  function separator(character: string | undefined): boolean {
    const container = open.at(-1);
    if (character === ',') return punctuation(true, container === '{' ? 'key' : 'value');
    return character === (container === '{' ? '}' : ']') && close();
  }

  function close(): boolean {
    open.pop();
    return punctuation(true, 'comma or end');
  }

  function punctuation(isRight: boolean, next: Expected, length = 1): boolean {
    if (!isRight) return false;
    offset += length;
    expected = next;
    return true;
  }

  // Piece by piece: one expression for the whole would overflow the stack on a long string.
  function string(next: Expected): boolean {
    const start = offset;
    offset += 1;
    const isString = text[start] === '"' && skip(CHARACTERS) && skipRest();
    if (!isString) offset = start;
    return punctuation(isString, next);
  }

  function skipRest(): boolean {
    while (text[offset] !== '"') {
      if (!skip(ESCAPE) || !skip(CHARACTERS)) return false;
    }
    return true;
  }
}

function describe(
  text: string,
  offset: number,
  expected: Expected | undefined,
  container: '{' | '[' | undefined,
): JsonError {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  const character = text[offset];
  const found = character === undefined ? 'the text ends' : `found ${JSON.stringify(character)}`;
  return { message: `${found} where ${expectation(expected, container)}`, line, column };
}

function expectation(expected: Expected | undefined, container: '{' | '[' | undefined): string {
  if (expected === undefined) return 'the text should end';
  if (expected === 'colon') return '":" should stand';
  if (expected === 'comma or end') return container === '{' ? '"," or "}" should stand' : '"," or "]" should stand';
  if (expected === 'key' || expected === 'key or }') return 'a name in double quotes should stand';
  return 'a value should stand';
}
