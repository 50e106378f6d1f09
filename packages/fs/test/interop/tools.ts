import { runCrawlee3 } from './crawlee-3.js';
import { runCrawlee4 } from './crawlee-4.js';
import type { RunTool } from './operation.js';
import { hasPython, runPython } from './python.js';

/** A tool of Apify's that stores records in a directory. */
export interface Tool {
  readonly name: string;
  /** Name of the directory that holds a store made by it: `test/fixtures/stores/README.md` tells how. */
  readonly fixture: string;
  readonly run: RunTool;
  /** Why it cannot be run here; `undefined` when it can. */
  readonly missing: string | undefined;
  /** Whether it knows a type by the extension alone, and so no charset. */
  readonly ignoresCharset?: boolean;
  /** What the tool itself cannot keep, by the title of the feature. */
  readonly limits?: Readonly<Record<string, string>>;
}

const FORGETS_EXTENSIONS = {
  '`image.png`':
    '`image.png` is read and listed as `image`, as the tool itself does after a restart: the directory does not tell more. What kv has written as `image.png` before stays',
};

export const TOOLS: readonly Tool[] = [
  {
    name: 'Crawlee 3',
    fixture: 'crawlee-3',
    run: runCrawlee3({ writeMetadata: false }),
    missing: undefined,
    limits: FORGETS_EXTENSIONS,
  },
  {
    name: 'Crawlee 3, `writeMetadata`',
    fixture: 'crawlee-3-metadata',
    run: runCrawlee3({ writeMetadata: true }),
    missing: undefined,
  },
  { name: 'Crawlee 4', fixture: 'crawlee-4', run: runCrawlee4(), missing: undefined },
  { ...python('Python SDK 1', '1.7.2', false), ignoresCharset: true, limits: FORGETS_EXTENSIONS },
  python('Python SDK 1, `write_metadata`', '1.7.2', true),
  python('Python SDK 2', '2.7.3', true),
  python('Python SDK 3', '3.4.1', true),
  python('Python SDK 4', '4.1.0', true),
];

function python(name: string, version: string, writeMetadata: boolean): Tool {
  const missing = hasPython(version) ? undefined : `apify ${version} for Python is not there, run install:python`;
  const fixture = `python-sdk-${version[0]}${name.includes('write_metadata') ? '-metadata' : ''}`;
  return { name, fixture, run: runPython(version, { writeMetadata }), missing };
}
