import assert from 'node:assert/strict';
import { bytes } from './bytes.js';
import { CONDITIONAL_OPERATIONS, increment, isDone, readVersion } from './conditions.js';
import { assertAbsent, assertRecord, put, TEXT } from './records.js';
import type { Handles } from './reopening.js';
import { streamOf } from './streams.js';

/** Asserts that of 50 writers who create one record, one does. */
export async function assertOneCreates(handles: Handles): Promise<void> {
  const creations = Array.from({ length: 50 }, async (_, index) => {
    const store = index % 2 === 0 ? handles[0] : handles[1];
    const text = `by ${index}`;
    const value = index % 3 === 0 ? streamOf([bytes(text)]) : bytes(text);
    return isDone(store.setRecord({ key: 'key', value, contentType: TEXT }, { ifNoneMatch: '*' }));
  });
  const winners = (await Promise.all(creations)).flatMap((isWinner, index) => (isWinner ? [index] : []));
  assert.equal(winners.length, 1, `one of 50 creates the record, not ${winners.length}`);
  await assertRecord(handles[0], 'key', `by ${winners[0]}`);
}

/** Asserts that no increment is lost when 20 count at once, twice each. */
export async function assertCounts(handles: Handles): Promise<void> {
  await put(handles[0], 'count', '0');
  const loops = Array.from({ length: 20 }, async (_, index) => {
    const store = index % 2 === 0 ? handles[0] : handles[1];
    await increment(store, 'count');
    await increment(store, 'count');
  });
  await Promise.all(loops);
  await assertRecord(handles[1], 'count', '40');
}

/**
 * Asserts that conditional writes undo no unconditional one.
 *
 * All of them start when the record has a known etag. A conditional one that is done comes right after that version, and
 * so before every unconditional one: in the end the record is what one of these has made of it.
 */
export async function assertNothingUndone(handles: Handles): Promise<void> {
  for (let round = 0; round < 24; round += 1) {
    // All conditional operations at once, and each alone.
    const operations = CONDITIONAL_OPERATIONS.filter((_, index) => round % 2 === 0 || (round >> 1) % 3 === index);
    await put(handles[0], 'key', 'the start');
    const { etag } = await readVersion(handles[1], 'key');
    const isDeletion = round % 4 === 3;
    const unconditional = async (): Promise<void> => {
      for (let turn = 0; turn < round % 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await (isDeletion ? handles[1].deleteRecord('key') : put(handles[1], 'key', 'without one'));
    };
    const conditional = operations.map(({ run }) => isDone(run(handles[0], 'key', { ifMatch: etag })));
    const [, ...outcomes] = await Promise.all([unconditional(), ...conditional]);
    const done = outcomes.filter((isWinner) => isWinner).length;
    assert.ok(done <= 1, `${done} operations are done under one etag`);
    if (isDeletion) await assertAbsent(handles[0], 'key');
    else await assertRecord(handles[0], 'key', 'without one');
  }
}
