import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inBatches } from '../src/http/in-batches.js';

it('calls at once what comes alone', async () => {
  const { called, call } = calls();
  for (const name of ['a', 'b']) {
    call(name);
    expect(called.at(-1)).toBe(name);
    await nextTurn();
  }
});

it('calls at the end of their turn, in their order, what comes together', async () => {
  const { called, call } = calls();
  call('a');
  call('b');
  await nextTurn();
  called.length = 0;
  call('c');
  call('d');
  expect(called).toEqual([]);
  await nextTurn();
  expect(called).toEqual(['c', 'd']);
});

it('calls at once again when all have come alone for a while', async () => {
  const { called, call } = calls();
  call('a');
  call('b');
  await nextTurn();
  const isAtOnce: boolean[] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    called.length = 0;
    call('c');
    isAtOnce.push(called.length === 1);
    await nextTurn();
    expect(called).toEqual(['c']);
  }
  expect(isAtOnce).toEqual(Array.from({ length: 20 }, (_, turn) => turn >= 16));
});

it('leaves what a call adds to the next turn', async () => {
  const called: string[] = [];
  const call = inBatches((name: string) => {
    called.push(name);
    if (name === 'c') call('e');
  });
  call('a');
  call('b');
  await nextTurn();
  call('c');
  call('d');
  await nextTurn();
  expect(called).toEqual(['a', 'b', 'c', 'd']);
  await nextTurn();
  expect(called).toEqual(['a', 'b', 'c', 'd', 'e']);
});

function calls(): { readonly called: string[]; readonly call: (name: string) => void } {
  const called: string[] = [];
  return { called, call: inBatches((name: string) => called.push(name)) };
}
