import { JSON_TYPE } from '../content-types.ts';
import type { CrashOperation, SetOperation } from '../crash/crash-operation.ts';

/** An operation that is stopped at every step, and what was done before it. */
export interface StopScenario {
  readonly before: readonly CrashOperation[];
  readonly operation: CrashOperation;
}

const STORE = 'store';
const open: CrashOperation = { type: 'open', store: STORE };
const records: readonly CrashOperation[] = [
  open,
  set('json', JSON_TYPE),
  set('photo', 'image/png'),
  set('INPUT', 'text/plain; charset=utf-8'),
];

/** One of each kind of operation that changes a directory. */
export const STOP_SCENARIOS: Readonly<Record<string, StopScenario>> = {
  'the first opening of a store': { before: [], operation: open },
  'a JSON set': { before: records, operation: set('json', JSON_TYPE, 'new') },
  'a typed set': { before: records, operation: set('video', 'video/mp4') },
  'an overwrite with another type': { before: records, operation: set('photo', 'text/html', 'new') },
  'a JSON set over another type': { before: records, operation: set('photo', JSON_TYPE, 'new') },
  'a JSON set in a coding': { before: records, operation: coded(set('json', JSON_TYPE, 'new')) },
  'a JSON set in none over one in a coding': {
    before: [...records, coded(set('json', JSON_TYPE))],
    operation: set('json', JSON_TYPE, 'new'),
  },
  'a typed set in a coding': { before: records, operation: coded(set('photo', 'image/png', 'new')) },
  'an overwrite of JSON in a coding': {
    before: [...records, coded(set('json', JSON_TYPE))],
    operation: set('json', 'text/html', 'new'),
  },
  'a stream': { before: records, operation: { ...set('photo', 'text/html', 'new', 200_000), isStream: true } },
  'a large value': { before: records, operation: set('photo', 'image/png', 'new', 200_000) },
  'a conditional write': { before: records, operation: { ...set('photo', 'text/html', 'new'), isConditional: true } },
  'a delete': { before: records, operation: { type: 'delete', store: STORE, key: 'photo' } },
  'a conditional delete': {
    before: records,
    operation: { type: 'delete', store: STORE, key: 'photo', isConditional: true },
  },
  'a rename of a store': { before: records, operation: { type: 'rename', store: STORE, to: 'renamed' } },
  'a purge': { before: records, operation: { type: 'purge', store: STORE } },
  'a drop': { before: records, operation: { type: 'drop', store: STORE } },
};

function set(key: string, contentType: string, id = 'old', size = 300): SetOperation {
  return { type: 'set', store: STORE, key, stamp: { id, contentType, size } };
}

function coded(operation: SetOperation): SetOperation {
  return { ...operation, stamp: { ...operation.stamp, contentEncoding: 'gzip' } };
}
