import { Readable } from 'node:stream';
import { arrayBuffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeValue, encodeValue, isKvError } from '../src/index.js';

const JSON_TYPE = 'application/json; charset=utf-8';

async function bytesOf(value: unknown, contentType?: string): Promise<{ bytes: Uint8Array; contentType: string }> {
  const encoded = encodeValue(value, { contentType });
  if (encoded === null) throw new Error('deletes');
  const body = encoded.value;
  const bytes = body instanceof Uint8Array ? body : new Uint8Array(await arrayBuffer(body));
  return { bytes, contentType: encoded.contentType };
}

async function roundTrip(value: unknown, contentType?: string): Promise<unknown> {
  const { bytes, contentType: type } = await bytesOf(value, contentType);
  return decodeValue({ key: 'K', value: bytes, contentType: type });
}

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('encodeValue without a content type', () => {
  it('takes null as deletion', () => {
    expect(encodeValue(null)).toBeNull();
    expect(encodeValue(null, { contentType: 'text/html' })).toBeNull();
  });

  it.each([
    [undefined, 'The value is undefined, which cannot be stored. Pass null to delete the record.'],
    [() => 1, 'The value is a function, which cannot be stored. Did you forget to call it?'],
    [Symbol('s'), 'The value is a symbol, which cannot be stored. Pass its description instead.'],
  ])('refuses %s with the reason', (value, message) => {
    for (const contentType of [undefined, 'text/plain']) {
      const error = errorOf(() => encodeValue(value, { contentType }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(message);
    }
  });

  it('stores a string as it is, as text', async () => {
    const { bytes, contentType } = await bytesOf('{"not": parsed} ž');
    expect(contentType).toBe('text/plain; charset=utf-8');
    expect(Buffer.from(bytes).toString()).toBe('{"not": parsed} ž');
    expect(await roundTrip('')).toBe('');
    expect(await roundTrip('\ufeffmarked')).toBe('\ufeffmarked');
  });

  it('refuses a string that UTF-8 cannot express', () => {
    const error = errorOf(() => encodeValue('ab\ud800c'));
    expect(isKvError(error, 'KV_VALUE_INVALID')).toBe(true);
    expect(error.message).toContain('lone surrogate at position 3');
  });

  it.each([
    ['Uint8Array', new Uint8Array([1, 2, 3])],
    ['Buffer', Buffer.from([1, 2, 3])],
    ['ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['SharedArrayBuffer', Object.assign(new SharedArrayBuffer(3), {})],
    ['DataView', new DataView(new Uint8Array([9, 1, 2, 3, 9]).buffer, 1, 3)],
    ['Uint16Array', new Uint16Array([0x0201])],
  ])('stores the bytes of a %s', async (name, value) => {
    const encoded = encodeValue(value);
    expect(encoded?.contentType).toBe('application/octet-stream');
    const expected = name === 'SharedArrayBuffer' ? [0, 0, 0] : name === 'Uint16Array' ? [1, 2] : [1, 2, 3];
    expect([...(encoded?.value as Uint8Array)]).toEqual(expected);
  });

  it('keeps the type of a Blob and a File', async () => {
    expect(await bytesOf(new Blob(['<p>'], { type: 'text/html' }))).toEqual({
      bytes: new TextEncoder().encode('<p>'),
      contentType: 'text/html',
    });
    expect((await bytesOf(new File(['x'], 'x.bin'))).contentType).toBe('application/octet-stream');
    expect((await bytesOf(new Blob(['x'], { type: 'text/html' }), 'image/png')).contentType).toBe('image/png');
  });

  it.each([
    ['web stream', () => new Blob(['abc']).stream()],
    ['Node stream', () => Readable.from([Buffer.from('a'), Buffer.from('bc')])],
    [
      'async iterable',
      () =>
        (async function* () {
          yield Buffer.from('ab');
          yield new Uint8Array([99]).buffer;
        })(),
    ],
  ])('streams a %s', async (_name, open) => {
    const { bytes, contentType } = await bytesOf(open());
    expect(contentType).toBe('application/octet-stream');
    expect(Buffer.from(bytes).toString()).toBe('abc');
    expect((await bytesOf(open(), 'text/csv')).contentType).toBe('text/csv');
  });

  it('reads a stream only as fast as it is read, and closes it when it is cancelled', async () => {
    let produced = 0;
    let closed = false;
    async function* source() {
      try {
        for (;;) yield new Uint8Array([produced++]);
      } finally {
        closed = true;
      }
    }
    const reader = (encodeValue(source())?.value as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    expect(produced).toBeLessThan(5);
    await reader.cancel();
    await vi.waitFor(() => expect(closed).toBe(true));
  });

  it.each([
    ['web stream', () => new ReadableStream({ pull: () => new Promise(() => undefined) })],
    ['Node stream', () => new Readable({ read: () => undefined })],
    ['async iterable', () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) })],
  ])('lets go at once of a %s that waits for data', async (_name, open) => {
    const source = open();
    const reader = (encodeValue(source)?.value as ReadableStream<Uint8Array>).getReader();
    const read = reader.read();
    await reader.cancel(new Error('enough'));
    expect(await read).toEqual({ done: true, value: undefined });
    if (source instanceof Readable) expect(source.destroyed).toBe(true);
  });

  it('fails a stream of strings with a hint', async () => {
    await expect(bytesOf(Readable.from(['text']))).rejects.toThrow(
      'must yield bytes, but it yielded a string. Encode text with TextEncoderStream.',
    );
  });

  it('stores everything else as JSON with an indent of two spaces', async () => {
    const { bytes, contentType } = await bytesOf({ a: [1, true, null], at: new Date(0), gone: undefined });
    expect(contentType).toBe(JSON_TYPE);
    expect(Buffer.from(bytes).toString()).toBe(
      '{\n  "a": [\n    1,\n    true,\n    null\n  ],\n  "at": "1970-01-01T00:00:00.000Z"\n}',
    );
    for (const value of [0, -1.5, true, false, [], {}, 'in JSON: \ud800']) {
      expect(await roundTrip([value])).toEqual([value]);
    }
    expect(await roundTrip(42)).toBe(42);
  });

  const cycle: Record<string, unknown> = { inner: {} };
  (cycle['inner'] as Record<string, unknown>)['self'] = cycle;
  it.each([
    [cycle, '$.inner.self', 'a reference to one of its own parents (a cycle)'],
    [{ list: [1, { big: 1n }] }, '$.list[1].big', 'a BigInt; convert it with String() or Number()'],
    [{ 'odd key': Number.NaN }, '$["odd key"]', 'NaN, which JSON does not know; use null or a string'],
    [[Infinity], '$[0]', 'Infinity, which JSON does not know; use null or a string'],
    [Number.NaN, '$', 'NaN, which JSON does not know; use null or a string'],
    [7n, '$', 'a BigInt; convert it with String() or Number()'],
    [{ m: new Map() }, '$.m', 'a Map; convert it with Object.fromEntries()'],
    [{ s: new Set() }, '$.s', 'a Set; convert it with Array.from()'],
    [{ b: Buffer.from('x') }, '$.b', 'bytes (Buffer); store them as a record of their own, or as Base64 text'],
    [{ p: Promise.resolve() }, '$.p', 'a Promise; await it first'],
    [{ d: new Date(Number.NaN) }, '$.d', 'an invalid Date'],
    [
      new Response('x'),
      '$',
      'an object of the class Response without properties of its own, of which JSON would keep nothing',
    ],
    [
      { e: new Error('x') },
      '$.e',
      'an object of the class Error without properties of its own, of which JSON would keep nothing',
    ],
    [[/x/], '$[0]', 'an object of the class RegExp without properties of its own, of which JSON would keep nothing'],
    [{ n: Object(Number.NaN) }, '$.n', 'NaN, which JSON does not know; use null or a string'],
    [{ n: Object(1n) }, '$.n', 'a BigInt; convert it with String() or Number()'],
    [{ toJSON: () => ({ x: 1n }) }, '$.x', 'a BigInt; convert it with String() or Number()'],
  ])('names the path to what JSON cannot express (%#)', (value, path, reason) => {
    const error = errorOf(() => encodeValue(value));
    expect(isKvError(error, 'KV_VALUE_INVALID')).toBe(true);
    expect(error.message).toBe(`The value cannot be stored as JSON: ${path} is ${reason}.`);
    expect(isKvError(error) && error.details['path']).toBe(path);
  });

  it('stores the fields of class instances, and boxed primitives', async () => {
    class Point {
      x = 1;
    }
    expect(await roundTrip({ point: new Point(), n: Object(5), s: Object('x'), bare: Object.create(null) })).toEqual({
      point: { x: 1 },
      n: 5,
      s: 'x',
      bare: {},
    });
  });

  it.each([
    [
      'web stream',
      async () => {
        const stream = new Blob(['abc']).stream();
        const reader = stream.getReader();
        await reader.read();
        reader.releaseLock();
        return stream;
      },
    ],
    [
      'locked web stream',
      async () => {
        const stream = new Blob(['abc']).stream();
        stream.getReader();
        return stream;
      },
    ],
    [
      'Node stream',
      async () => {
        const stream = Readable.from([Buffer.from('a')]);
        await stream.toArray();
        return stream;
      },
    ],
    ['destroyed Node stream', async () => new Readable({ read: () => undefined }).destroy()],
  ])('refuses a %s that was read before', async (_name, open) => {
    const stream = await open();
    expect(() => encodeValue(stream)).toThrow('The stream was read before');
  });

  it('closes a source that yields what is not bytes', async () => {
    const source = Readable.from(['text', 'more']);
    await expect(bytesOf(source)).rejects.toThrow(TypeError);
    expect(source.destroyed).toBe(true);
  });

  it('accepts the same object twice where that is not a cycle, and refuses bottomless nesting', () => {
    const shared = { x: 1 };
    expect(encodeValue({ a: shared, b: shared })).not.toBeNull();
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(errorOf(() => encodeValue(deep)).message).toContain('nested more than 2000 levels deep');
  });
});

describe('encodeValue with a content type', () => {
  it('stores strings, bytes and streams to the letter', async () => {
    expect(await bytesOf('a,b', 'text/csv')).toEqual({
      bytes: new TextEncoder().encode('a,b'),
      contentType: 'text/csv',
    });
    expect(await bytesOf('{}', 'application/json')).toEqual({
      bytes: new TextEncoder().encode('{}'),
      contentType: 'application/json',
    });
    expect((await bytesOf(new Uint8Array([1]), 'Image/PNG')).contentType).toBe('Image/PNG');
  });

  it('takes no content type that could not be a header', async () => {
    expect((await bytesOf('x', ' text/plain\t')).contentType).toBe(' text/plain\t');
    for (const contentType of ['text/plain\n', '\r\ntext/plain', 'text/plain\u00A0', 'text/plain\u2028']) {
      const error = errorOf(() => encodeValue('x', { contentType }));
      expect([contentType, isKvError(error, 'KV_CONTENT_TYPE_INVALID')]).toEqual([contentType, true]);
    }
  });

  it('stores a value under any JSON type, and under no other', async () => {
    expect((await bytesOf({ a: 1 }, 'application/ld+json')).contentType).toBe('application/ld+json');
    const error = errorOf(() => encodeValue({ a: 1 }, { contentType: 'text/plain' }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(
      'A value of type Object cannot be stored as "text/plain": under a content type that is not JSON, pass a string, bytes, a Blob or a stream.',
    );
    expect(() => encodeValue(42, { contentType: 'text/plain' })).toThrow(TypeError);
  });

  it('refuses a string that its charset would turn into another', () => {
    expect(() => encodeValue('plain', { contentType: 'text/html; charset=iso-8859-1' })).not.toThrow();
    const error = errorOf(() => encodeValue('ž', { contentType: 'text/html; charset=iso-8859-1' }));
    expect(isKvError(error, 'KV_VALUE_INVALID')).toBe(true);
    for (const charset of ['utf-16le', 'utf-16', 'iso-10646-ucs-2', 'csunicode', 'klingon', 'utf-7']) {
      expect(() => encodeValue('plain', { contentType: `text/plain; charset=${charset}` })).toThrow(charset);
    }
    for (const charset of ['utf8', 'UTF-8', 'unicode-1-1-utf-8']) {
      expect(() => encodeValue('ž', { contentType: `text/plain; charset=${charset}` })).not.toThrow();
    }
  });

  it.each(['', 'png', 'image/', 'a/b\r\nX-Evil: 1', `text/${'x'.repeat(300)}`, 'text/plain; n=ž', 'a b/c'])(
    'refuses %j, which is no content type',
    (contentType) => {
      expect(
        isKvError(
          errorOf(() => encodeValue('x', { contentType })),
          'KV_CONTENT_TYPE_INVALID',
        ),
      ).toBe(true);
    },
  );

  it('refuses a content type that is not a string', () => {
    expect(() => encodeValue('x', { contentType: 5 as never })).toThrow(
      'The content type must be a string, not number.',
    );
  });
});

describe('decodeValue', () => {
  const decode = (bytes: string | Uint8Array, contentType: string): unknown =>
    decodeValue({ key: 'K', value: Buffer.from(bytes as string), contentType, location: '/data/K.json' }, 'default');

  it.each([
    ['application/json', { a: 1 }],
    ['APPLICATION/JSON;charset=UTF-8', { a: 1 }],
    ['text/plain', '{"a":1}'],
    ['application/xml', '{"a":1}'],
    ['application/atom+xml', '{"a":1}'],
    ['image/svg+xml', Buffer.from('{"a":1}')],
    ['application/ld+json', Buffer.from('{"a":1}')],
    ['application/jsonlines', Buffer.from('{"a":1}')],
    ['text/plain; charset=klingon', Buffer.from('{"a":1}')],
    ['not a type', Buffer.from('{"a":1}')],
  ])('reads %s', (contentType, expected) => {
    expect(decode('{"a":1}', contentType)).toEqual(expected);
  });

  it('decodes text in its stated charset', () => {
    expect(decode(Buffer.from([0xe9]), 'text/plain; charset="iso-8859-1"')).toBe('é');
    expect(decode(Buffer.from('ž', 'utf16le'), 'text/plain; charset=utf-16le')).toBe('ž');
  });

  it('gives bytes as a Buffer', () => {
    expect(Buffer.isBuffer(decode('x', 'image/png'))).toBe(true);
  });

  it('skips a byte order mark in JSON, and tells a stored null from nothing', () => {
    expect(decode('\ufeff{"a":1}', 'application/json')).toEqual({ a: 1 });
    expect(decode('null', 'application/json')).toBeNull();
  });

  it('names key, store, place and position of broken JSON', () => {
    const error = errorOf(() => decode('{\n  "a": 1,\n  "b": oops\n}', 'application/json'));
    expect(isKvError(error, 'KV_RECORD_CORRUPT')).toBe(true);
    expect(error.message).toBe(
      'The record "K" of the key-value store "default" is not valid JSON: found "o" where a value should stand ' +
        'at line 3, column 8 of /data/K.json. Mend it, or read its bytes with getRecord().',
    );
    expect((error as { details?: unknown }).details).toMatchObject({ key: 'K', store: 'default', line: 3, column: 8 });
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });

  it.each([
    ['', 'the text ends where a value should stand at line 1, column 1'],
    ['{"a":1', 'the text ends where "," or "}" should stand at line 1, column 7'],
    ['[1, 2', 'the text ends where "," or "]" should stand at line 1, column 6'],
    ['{"a" 1}', 'found "1" where ":" should stand at line 1, column 6'],
    ['{a: 1}', 'found "a" where a name in double quotes should stand at line 1, column 2'],
    ['{"a":1,}', 'found "}" where a name in double quotes should stand at line 1, column 8'],
    ['[1,]', 'found "]" where a value should stand at line 1, column 4'],
    ['{} {}', 'found "{" where the text should end at line 1, column 4'],
    ['01', 'found "0" where a value should stand at line 1, column 1'],
    ['"a\nb"', 'found "\\"" where a value should stand at line 1, column 1'],
    ['// comment\n{}', 'found "/" where a value should stand at line 1, column 1'],
  ])('finds the mistake in %j', (text, problem) => {
    expect(errorOf(() => decode(text, 'application/json')).message).toContain(problem);
  });

  it('finds a mistake behind a very long string', () => {
    const text = `["${'x'.repeat(20_000_000)}\\n", oops]`;
    expect(errorOf(() => decode(text, 'application/json')).message).toContain('at line 1, column 20000008');
  });

  it('finds a mistake in exactly the texts that JSON.parse refuses', () => {
    const characters = [...'{}[]",:0123456789.-+eE\\ntrufalsu /x'];
    const soup = fc.array(fc.constantFrom(...characters), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          fc.json().chain((json) => fc.nat(json.length).map((n) => json.slice(0, n))),
        ),
        (text) => {
          try {
            JSON.parse(text);
          } catch {
            expect(errorOf(() => decode(text, 'application/json')).message).toMatch(/at line 1, column \d+/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it('round-trips every JSON value and every text', async () => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => value !== null && typeof value !== 'string');
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, fc.string({ unit: 'grapheme' })), async (value) => {
      // JSON has no negative zero.
      const expected = typeof value === 'string' ? value : JSON.parse(JSON.stringify(value));
      expect(await roundTrip(value)).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});
