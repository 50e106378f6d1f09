import type { Operation, Value } from './operation.js';

/** What a cell of the matrix tries: operations, and what there must be afterwards. */
export interface Feature {
  readonly title: string;
  readonly operations: readonly Operation[];
  /** The values that must be there, by key; `undefined` for what must not. */
  readonly expected: Readonly<Record<string, Value | undefined>>;
}

export const JSON_VALUE: Value = { json: { count: 1, name: 'ž' }, contentType: 'application/json; charset=utf-8' };
export const TEXT_VALUE: Value = { text: 'žluťoučký kůň\n', contentType: 'text/plain; charset=utf-8' };
// Bytes that are no text in any charset.
export const PNG_VALUE: Value = { base64: 'iVBORw0KGgoAAP/+gIE=', contentType: 'image/png' };
const PDF_VALUE: Value = { base64: 'JVBERi0xLjcKJcOkw7z/AIA=', contentType: 'application/pdf' };
const EMPTY_VALUE: Value = { base64: '', contentType: 'application/octet-stream' };

/** The value that another tool has left under each key before. */
export const OLD_VALUE: Value = { text: 'old', contentType: 'text/html; charset=utf-8' };

export const FEATURES: readonly Feature[] = [
  stored('JSON', { json: JSON_VALUE }),
  stored('text', { text: TEXT_VALUE }),
  stored('PNG', { photo: PNG_VALUE }),
  stored('PDF', { document: PDF_VALUE }),
  stored('0 bytes', { empty: EMPTY_VALUE }),
  stored('`v1.2`', { 'v1.2': JSON_VALUE, 'a.b.c': PNG_VALUE }),
  stored('`image.png`', { 'image.png': PNG_VALUE }),
  stored("`it's(1)!`", { "it's(1)!": TEXT_VALUE, '(2)': PNG_VALUE }),
  {
    title: 'another type',
    operations: [
      set('to-png', JSON_VALUE),
      set('to-json', PNG_VALUE),
      set('to-text', PDF_VALUE),
      set('to-png', PNG_VALUE),
      set('to-json', JSON_VALUE),
      set('to-text', TEXT_VALUE),
    ],
    expected: { 'to-png': PNG_VALUE, 'to-json': JSON_VALUE, 'to-text': TEXT_VALUE },
  },
  {
    title: 'deleted',
    operations: [
      set('gone', OLD_VALUE),
      set('gone-photo', OLD_VALUE),
      { name: 'delete', key: 'gone' },
      { name: 'delete', key: 'gone-photo' },
    ],
    expected: { gone: undefined, 'gone-photo': undefined },
  },
];

/** Gives all keys that a feature touches. */
export function keysOf(feature: Feature): readonly string[] {
  return Object.keys(feature.expected);
}

export function set(key: string, value: Value): Operation {
  return { name: 'set', key, ...value };
}

function stored(title: string, values: Readonly<Record<string, Value>>): Feature {
  return { title, operations: Object.entries(values).map(([key, value]) => set(key, value)), expected: values };
}
