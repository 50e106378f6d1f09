import { existsSync } from 'node:fs';
import type { StorageBackend } from '@kv/core';
import { isScope } from '../access/identity.js';
import { Tokens } from '../access/tokens.js';
import type { TokenInfo } from '../access/tokens.js';
import { Users } from '../access/users.js';
import type { User } from '../access/users.js';
import { ServerData } from '../data/server-data.js';
import { Stores } from '../key-value-stores/stores.js';
import type { ParsedFlags } from './flags.js';
import { parseExpiry } from './parse-expiry.js';
import { UsageError } from './usage-error.js';

/** What a command needs. */
export interface CommandContext {
  readonly backend: StorageBackend;
  readonly flags: ParsedFlags;
}

/** Does something and says what. */
export type Command = (context: CommandContext) => Promise<string>;

/** The commands besides that which starts the server. They work while a server is running on the same data. */
export const accessCommands: Readonly<Record<string, Command>> = {
  'user add': addUser,
  'user list': listUsers,
  'token create': createToken,
  'token list': listTokens,
  'token revoke': revokeToken,
};

async function addUser({ backend, flags }: CommandContext): Promise<string> {
  const { users } = openAccess(backend);
  const name = operand(flags, 'the name of the user');
  // The first user owns what lies there already; that is not for the one who happens to be added first.
  await users.ensureOwner(flags.text('username') ?? 'admin');
  const { id, username } = await users.add(name);
  return `The user ${username} has the id ${id}. Make a token with: kv-server token create --user ${username}`;
}

async function listUsers({ backend }: CommandContext): Promise<string> {
  assertExists(backend);
  const users = await openAccess(backend).users.list();
  return (
    users.map(({ id, username, isOwner }) => `${id}  ${username}${isOwner ? '  owner' : ''}`).join('\n') ||
    `There are no users in ${backend.location}.`
  );
}

async function createToken({ backend, flags }: CommandContext): Promise<string> {
  const { data, users, tokens } = openAccess(backend);
  const { user: owner } = await users.ensureOwner(flags.text('username') ?? 'admin');
  const name = flags.text('user') ?? owner.username;
  const user = await users.find(name);
  if (!user) throw new UsageError(`There is no user ${JSON.stringify(name)}. Add one with: kv-server user add ${name}`);
  const scope = flags.text('scope') ?? 'manage';
  if (!isScope(scope)) throw new UsageError(`--scope must be read, write or manage, not ${JSON.stringify(scope)}.`);
  const storeIds = await findStoreIds(new Stores({ backend, users, data }), user, flags.text('store'));
  const expires = flags.text('expires');
  const { token, info } = await tokens.create({
    user,
    scope,
    storeIds,
    expiresAt: expires ? parseExpiry(expires) : undefined,
  });
  return `${token}\nThis is shown only now. To revoke it: kv-server token revoke ${info.id}`;
}

/** Finds the stores of a user that a list names by id or by name. */
async function findStoreIds(stores: Stores, user: User, list: string | undefined): Promise<string[] | undefined> {
  if (list === undefined) return undefined;
  const find = async (text: string): Promise<string> => {
    const byId = await stores.findById(text);
    const store = byId?.ownerId === user.id ? byId : await stores.findByName(user, text);
    if (store) return store.id;
    throw new UsageError(`The user ${user.username} has no store ${JSON.stringify(text)}. Give an id or a name.`);
  };
  return Promise.all(list.split(',').map((text) => find(text.trim())));
}

async function listTokens({ backend }: CommandContext): Promise<string> {
  assertExists(backend);
  const { users, tokens } = openAccess(backend);
  const names = new Map((await users.list()).map(({ id, username }) => [id, username]));
  const describe = ({ id, userId, scope, storeIds, createdAt, expiresAt }: TokenInfo): string =>
    [
      id,
      names.get(userId) ?? userId,
      storeIds ? `${scope} ${storeIds.join(',')}` : scope,
      `made ${createdAt}`,
      expiresAt ? `until ${expiresAt}` : 'for ever',
    ].join('  ');
  return (await tokens.list()).map(describe).join('\n') || `There are no tokens in ${backend.location}.`;
}

async function revokeToken({ backend, flags }: CommandContext): Promise<string> {
  const id = operand(flags, 'the id of the token, from kv-server token list');
  assertExists(backend);
  if (await openAccess(backend).tokens.revoke(id)) return `The token ${id} is revoked.`;
  throw new UsageError(`There is no token ${JSON.stringify(id)}.`);
}

/** What only looks makes no directory: its name was mistyped, or the server has never been started. */
function assertExists({ name, location }: StorageBackend): void {
  if (name !== 'fs' || existsSync(location)) return;
  throw new UsageError(`There is no directory ${location}. Give the one of the server with --dir.`);
}

function operand({ words }: ParsedFlags, what: string): string {
  const [, , word, surplus] = words;
  if (word === undefined) throw new UsageError(`Give ${what}.`);
  if (surplus !== undefined) throw new UsageError(`Give only ${what}; ${JSON.stringify(surplus)} is too much.`);
  return word;
}

function openAccess(backend: StorageBackend): {
  readonly data: ServerData;
  readonly users: Users;
  readonly tokens: Tokens;
} {
  const data = new ServerData(backend);
  const users = new Users(data);
  return { data, users, tokens: new Tokens(data, users) };
}
