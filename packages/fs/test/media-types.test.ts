import fc from 'fast-check';
import mime from 'mime';
import others from 'mime/types/other.js';
import standards from 'mime/types/standard.js';
import { expect, it } from 'vitest';
import { extensionFor, typeFor } from '../src/layout/media-types.js';

const table: Record<string, readonly string[]> = { ...(standards as object), ...(others as object) };
const types = Object.keys(table);
const extensions = Object.values(table).flatMap((list) => list.map((name) => name.replace('*', '')));

it('finds what the library finds, for every type and every extension that it knows', () => {
  expect(types.length).toBeGreaterThan(1000);
  expect(types.map((type) => extensionFor(type) ?? null)).toEqual(types.map((type) => mime.getExtension(type)));
  expect(extensions.map((name) => typeFor(name) ?? null)).toEqual(extensions.map((name) => mime.getType(name)));
});

it('finds what the library finds, however a type or a name is written', () => {
  const part = fc.oneof(
    fc.constantFrom(...types, ...extensions, ...Object.getOwnPropertyNames(Object.prototype)),
    fc.string(),
  );
  const text = fc.array(fc.oneof(part, fc.constantFrom('.', ';', ' ', '; charset=utf-8', '*')), { maxLength: 4 });
  fc.assert(
    fc.property(text, fc.boolean(), (parts, isUpper) => {
      const written = isUpper ? parts.join('').toUpperCase() : parts.join('');
      // For an empty text, it finds that text.
      expect(extensionFor(written) ?? '').toBe(mime.getExtension(written) ?? '');
      // The name of a file has no slash.
      const name = written.replaceAll(/[/\\]/g, '');
      expect(typeFor(name) ?? null).toBe(mime.getType(name));
    }),
    { numRuns: 2000 },
  );
});
