import type { StorageBackend } from '@kv/core';
import { Tokens } from '../access/tokens.js';
import { Users } from '../access/users.js';
import type { DefaultAccess } from '../access/general-access.js';
import { createServer } from '../create-server.js';
import { ServerData } from '../data/server-data.js';
import { publicUrlProblem } from '../http/public-url-problem.js';
import { isLoopback } from '../http/is-loopback.js';
import type { ListeningServer } from '../http/listen.js';
import type { AccessLogEntry } from '../http/report.js';
import type { ServerOptions } from '../server-options.js';
import type { CommandContext } from './access-commands.js';
import { adoptDirectories } from './adopt-directories.js';
import type { ParsedFlags } from './flags.js';
import { LineWriter } from './line-writer.js';
import { listenOn } from './listen-on.js';
import { UsageError } from './usage-error.js';

/** Starts the server and says where it is. */
export async function serve({ backend, flags }: CommandContext): Promise<ListeningServer> {
  const options = serverOptions(backend, flags);
  const host = flags.text('host') ?? '127.0.0.1';
  if (options.allowAnonymous === true && !isLoopback(host)) {
    throw new UsageError(
      '--allow-anonymous opens everything to everyone who can reach --host; it is for loopback addresses only.',
    );
  }
  if (backend.name === 'fs') await adoptDirectories(backend, console.error);
  const server = await createServer(options);
  const listening = await listenOn(server, host, wholeNumber(flags, 'port') ?? 3000);
  // Not before: a token that is made and not shown is of no use to anyone.
  const token = await firstToken(options);
  console.log(`kv-server listens on ${listening.url}. The data lies in ${backend.location} (${backend.name}).`);
  if (token !== undefined) console.log(`The token of the first user, which is shown only now: ${token}`);
  return listening;
}

/** Makes the first token there is; `undefined` when nobody needs one. */
async function firstToken({
  backend,
  token,
  username = 'admin',
  allowAnonymous,
}: ServerOptions): Promise<string | undefined> {
  if (token !== undefined || allowAnonymous === true) return undefined;
  const data = new ServerData(backend);
  const users = new Users(data);
  const tokens = new Tokens(data, users);
  if ((await tokens.list()).length > 0) return undefined;
  const { user } = await users.ensureOwner(username);
  return (await tokens.create({ user, scope: 'manage' })).token;
}

function serverOptions(backend: StorageBackend, flags: ParsedFlags): ServerOptions {
  const jsonBytes = wholeNumber(flags, 'json-limit');
  const recordBytes = wholeNumber(flags, 'record-limit');
  const connectionsPerAddress = wholeNumber(flags, 'connection-limit');
  const days = wholeNumber(flags, 'retention-days');
  if (days === 0) throw new UsageError('--retention-days must be at least 1. Leave it out to keep everything.');
  return {
    backend,
    token: flags.text('token'),
    username: flags.text('username'),
    allowAnonymous: flags.isSet('allow-anonymous'),
    defaultAccess: defaultAccess(flags),
    publicUrl: publicUrl(flags),
    limits: {
      ...(jsonBytes !== undefined && { jsonBytes }),
      ...(recordBytes !== undefined && { recordBytes }),
      ...(connectionsPerAddress !== undefined && { connectionsPerAddress }),
      rates: flags.isSet('rate-limits'),
    },
    ...(days !== undefined && { retentionDays: days }),
    ...(isLogged(flags) && { onRequest: accessLog() }),
    onError: (error) => console.error(error),
  };
}

function isLogged(flags: ParsedFlags): boolean {
  const kind = flags.text('log') ?? 'json';
  if (kind === 'json' || kind === 'off') return kind === 'json';
  throw new UsageError(`--log must be json or off, not ${JSON.stringify(kind)}.`);
}

function accessLog(): (entry: AccessLogEntry) => void {
  const lines = new LineWriter();
  return (entry) => lines.write(entry);
}

function defaultAccess(flags: ParsedFlags): DefaultAccess | undefined {
  const access = flags.text('default-access');
  if (access === undefined || access === 'RESTRICTED' || access === 'ANYONE_WITH_ID_CAN_READ') return access;
  throw new UsageError('--default-access must be RESTRICTED or ANYONE_WITH_ID_CAN_READ.');
}

function publicUrl(flags: ParsedFlags): string | undefined {
  const text = flags.text('public-url');
  const problem = text === undefined ? undefined : publicUrlProblem(text);
  if (problem !== undefined) throw new UsageError(`--public-url ${problem}.`);
  return text;
}

function wholeNumber(
  flags: ParsedFlags,
  name: 'port' | 'json-limit' | 'record-limit' | 'connection-limit' | 'retention-days',
): number | undefined {
  const text = flags.text(name);
  if (text === undefined || /^\d{1,12}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`--${name} must be a whole number, not ${JSON.stringify(text)}.`);
}
