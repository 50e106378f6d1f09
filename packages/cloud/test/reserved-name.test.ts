import { assertStorageName } from '@kv/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aliasOf, isReservedName, reservedName } from '../src/store/reserved-name.js';

const alphabet = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!-_.'()"];
const alias = fc
  .array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 63 })
  .map((characters) => characters.join(''))
  .filter((text) => text !== '.' && text !== '..');

it('gives every alias a legal name of its own, from which a short one is read again', async () => {
  await fc.assert(
    fc.asyncProperty(alias, alias, async (one, two) => {
      const [first, second] = [await reservedName(one), await reservedName(two)];
      for (const name of [first, second]) {
        assertStorageName(name);
        expect(isReservedName(name)).toBe(true);
      }
      expect(first === second).toBe(one === two);
      expect([one, undefined]).toContain(aliasOf(first));
      if (one.length <= 25) expect(aliasOf(first)).toBe(one);
    }),
  );
});

it.each(['records', 'kv-run', 'kv-server-data'])('leaves %s to users', (name) => {
  expect([isReservedName(name), aliasOf(name)]).toEqual([false, undefined]);
});
