import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

/** A flag of the command line, which is an environment variable as well. */
interface Flag {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly help: string;
}

/** Name of a flag. */
export type FlagName =
  | 'dir'
  | 'backend'
  | 'host'
  | 'port'
  | 'public-url'
  | 'token'
  | 'allow-anonymous'
  | 'username'
  | 'default-access'
  | 'json-limit'
  | 'record-limit'
  | 'connection-limit'
  | 'rate-limits'
  | 'retention-days'
  | 'log'
  | 'user'
  | 'scope'
  | 'store'
  | 'expires'
  | 'help';

/** The flags of the command line. Each is the environment variable `KV_SERVER_…` too, such as `KV_SERVER_PUBLIC_URL`. */
export const FLAGS: Readonly<Record<FlagName, Flag>> = {
  dir: { type: 'string', value: 'PATH', help: 'directory of the data (default: ./storage)' },
  backend: { type: 'string', value: 'NAME', help: 'package of another backend, or its short name (default: fs)' },
  host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default: 127.0.0.1)' },
  port: { type: 'string', value: 'NUMBER', help: 'port to listen on; 0 for any that is free (default: 3000)' },
  'public-url': { type: 'string', value: 'URL', help: 'base of the links that the server gives out' },
  token: { type: 'string', value: 'TOKEN', help: 'a token of the owner, besides those that are stored' },
  'allow-anonymous': { type: 'boolean', help: 'requests without a token act as the owner; on a loopback address only' },
  username: { type: 'string', value: 'NAME', help: 'name of the first user (default: admin)' },
  'default-access': {
    type: 'string',
    value: 'ACCESS',
    help: 'RESTRICTED or ANYONE_WITH_ID_CAN_READ (default: RESTRICTED)',
  },
  'json-limit': { type: 'string', value: 'BYTES', help: 'greatest size of a JSON body (default: 9437184)' },
  'record-limit': { type: 'string', value: 'BYTES', help: 'greatest size of a record (default: none)' },
  'connection-limit': { type: 'string', value: 'NUMBER', help: 'connections of one address (default: 2000)' },
  'rate-limits': { type: 'boolean', help: "Apify's limits on requests per second" },
  'retention-days': { type: 'string', value: 'DAYS', help: 'drop unnamed stores that were not used for so long' },
  log: { type: 'string', value: 'KIND', help: 'access log on standard error: json or off (default: json)' },
  user: { type: 'string', value: 'NAME', help: 'user of a new token' },
  scope: { type: 'string', value: 'SCOPE', help: 'what a new token allows: read, write or manage (default: manage)' },
  store: { type: 'string', value: 'STORES', help: 'ids or names of the only stores a new token is for, with commas' },
  expires: {
    type: 'string',
    value: 'TIME',
    help: 'how long a new token lasts, such as 30d or 12h (default: for ever)',
  },
  help: { type: 'boolean', help: 'show this' },
};

/** The values of the flags, the words between them, and where the flags come from. */
export interface ParsedFlags {
  readonly words: readonly string[];
  /** Gives the text of a flag; `undefined` when it is not set. An empty one is as good as not set. */
  readonly text: (name: FlagName) => string | undefined;
  /** Tells whether a flag is set. */
  readonly isSet: (name: FlagName) => boolean;
}

/**
 * Reads flags from the command line, and those that are not there from the environment.
 *
 * @throws UsageError
 */
export function parseFlags(args: readonly string[], env: NodeJS.ProcessEnv): ParsedFlags {
  const { values, positionals } = parse(args);
  const valueOf = (name: FlagName): string | undefined => {
    const given = values[name];
    return given === undefined ? env[`KV_SERVER_${name.toUpperCase().replaceAll('-', '_')}`] : `${given}`;
  };
  return {
    words: positionals,
    text: (name) => valueOf(name) || undefined,
    isSet: (name) => !['', '0', 'false'].includes(valueOf(name) ?? ''),
  };
}

/** Describes all flags. */
export function describeFlags(): string {
  const rows = Object.entries<Flag>(FLAGS).map(
    ([name, { value, help }]) => [`--${name} ${value ?? ''}`, help] as const,
  );
  return rows.map(([flag, help]) => `  ${flag.padEnd(26)} ${help}`).join('\n');
}

function parse(args: readonly string[]): {
  values: Readonly<Record<string, string | boolean | undefined>>;
  positionals: string[];
} {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(`${problem.replace(/\.$/, '')}. See kv-server --help.`);
  }
}
