import { expect, it } from 'vitest';
import { bytesOf, readStamp, stampedBytes, streamOf } from '../src/stamped-value.ts';

const stamp = { id: 'w1-7', contentType: 'image/png', size: 100_000 };

it('knows a value again, also from a stream', async () => {
  expect(readStamp(stampedBytes(stamp), 'image/png')).toEqual(stamp);
  const streamed = await bytesOf(streamOf(stampedBytes(stamp)));
  expect(readStamp(streamed, 'image/png')).toEqual(stamp);
});

it('is JSON', () => {
  expect(JSON.parse(Buffer.from(stampedBytes(stamp)).toString())).toEqual([
    stamp,
    expect.stringMatching(/^[w1\-7.]+$/),
  ]);
});

it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ['is empty', () => new Uint8Array()],
  ['was cut off', (bytes) => bytes.subarray(0, 99_999)],
  ['goes on too long', (bytes) => Buffer.concat([bytes, Buffer.from('.')])],
  ['has the end of another write', (bytes) => Buffer.concat([bytes.subarray(0, 50_000), otherEnd()])],
  ['has one byte that is wrong', (bytes) => bytes.with(70_000, 0)],
])('refuses a value that %s', (_, spoil) => {
  expect(() => readStamp(spoil(stampedBytes(stamp)), 'image/png')).toThrow('torn value');
});

it('refuses the content type of another write', () => {
  expect(() => readStamp(stampedBytes(stamp), 'text/plain')).toThrow('wrong type');
});

function otherEnd(): Uint8Array {
  return stampedBytes({ ...stamp, id: 'w2-7' }).subarray(50_000);
}
