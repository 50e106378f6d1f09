import { parseArgs } from 'node:util';

export const USAGE = `Usage: demo [options]

Archives a site: the bundled one, unless INPUT.json or --start names another. Options go into INPUT.json.

  --start URL            where to start; may be repeated
  --max-pages N          archive at most so many pages
  --max-concurrency N    how many requests at a time
  --all-hosts            follow links to other hosts too
  --port N               serve the bundled site on this port instead of 4173
  --help                 show this text
`;

export interface DemoArguments {
  help: boolean;
  port: number | undefined;
  /** Fields of INPUT.json that the arguments set. */
  changes: Record<string, unknown>;
}

/** Reads the command line. */
export function readArguments(args: string[]): DemoArguments {
  const { values } = parseArgs({
    // `pnpm demo -- --start …` hands the dashes on.
    args: args[0] === '--' ? args.slice(1) : args,
    options: {
      start: { type: 'string', multiple: true },
      'max-pages': { type: 'string' },
      'max-concurrency': { type: 'string' },
      'all-hosts': { type: 'boolean' },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const changes = Object.entries({
    startUrls: values.start,
    maxPages: toNumber(values['max-pages']),
    maxConcurrency: toNumber(values['max-concurrency']),
    sameHostOnly: values['all-hosts'] ? false : undefined,
  }).filter(([, value]) => value !== undefined);
  return { help: values.help, port: readPort(values.port), changes: Object.fromEntries(changes) };
}

/** What is not a number stays what it is: the actor judges its INPUT, and says what it found. */
function toNumber(text: string | undefined): number | string | undefined {
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new TypeError(`--port: found ${JSON.stringify(text)}; give a number from 1 to 65535`);
}
