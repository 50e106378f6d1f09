import { hash as hashOf, randomBytes, randomUUID } from 'node:crypto';
import type { ServerData } from '../data/server-data.js';
import type { Identity, Scope } from './identity.js';
import type { User, Users } from './users.js';

// A token that another process revokes is refused so soon; to look at every request would take a third of its time.
const CACHE_MILLIS = 100;
const MAX_KNOWN = 10_000;

/** What is stored of a token: everything but the token. */
export interface TokenInfo {
  /** Names the token to people. */
  readonly id: string;
  readonly userId: string;
  readonly scope: Scope;
  /** Ids of the stores that the token is for; absent when it is for all of the user. */
  readonly storeIds?: readonly string[];
  /** In ISO 8601. */
  readonly createdAt: string;
  /** In ISO 8601; absent for a token that does not expire. */
  readonly expiresAt?: string;
  /** SHA-256 of the token, in hexadecimal digits. */
  readonly hash: string;
}

/** What a new token is to allow. */
export interface TokenOptions {
  readonly user: User;
  readonly scope: Scope;
  /** Ids of the stores that the token is for; all of the user when it is not given. */
  readonly storeIds?: readonly string[] | undefined;
  readonly expiresAt?: Date | undefined;
}

interface KnownToken {
  readonly identity: Identity;
  /** In ms since 1970. */
  readonly until: number;
}

/**
 * The tokens of all users, of which only hashes are stored. A revocation takes effect at once in this process, and within a tenth
 * of a second in others.
 */
export class Tokens {
  readonly #data: ServerData;
  readonly #users: Users;
  readonly #accepted = new Map<string, Identity>();
  // Those that were good a moment ago, by the token itself: to hash takes longer than any other look at a small request. All
  // others are hashed each time, however much of them is right.
  readonly #known = new Map<string, KnownToken>();
  // A look that began before the revocation may end after it.
  readonly #revoked = new Set<string>();

  constructor(data: ServerData, users: Users) {
    this.#data = data;
    this.#users = users;
  }

  /** Makes a token. Nobody can find it out afterwards. */
  async create({
    user,
    scope,
    storeIds,
    expiresAt,
  }: TokenOptions): Promise<{ readonly token: string; readonly info: TokenInfo }> {
    const token = `kv_${randomBytes(32).toString('base64url')}`;
    const info: TokenInfo = {
      id: randomUUID().slice(0, 8),
      userId: user.id,
      scope,
      ...(storeIds && { storeIds }),
      createdAt: new Date().toISOString(),
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      hash: hashToken(token),
    };
    await this.#data.set(recordKey(info.hash), info);
    return { token, info };
  }

  /** Takes a given text for a token, in this process alone. */
  accept(token: string, identity: Identity): void {
    this.#accepted.set(hashToken(token), identity);
  }

  /** Lists all tokens, expired ones too, the oldest first. */
  async list(): Promise<readonly TokenInfo[]> {
    const tokens = await this.#data.list<TokenInfo>('token.');
    return tokens.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  /** Revokes the token with this id; tells whether there was one. */
  async revoke(id: string): Promise<boolean> {
    const token = (await this.list()).find((candidate) => candidate.id === id);
    if (!token) return false;
    await this.#data.delete(recordKey(token.hash));
    this.#revoked.add(token.hash);
    this.#known.clear();
    return true;
  }

  /**
   * Tells whose token this is and what it allows; `undefined` when it is none or has expired. At once where it was good a moment
   * ago.
   */
  identify(token: string): Identity | Promise<Identity | undefined> {
    const known = this.#known.get(token);
    return known && Date.now() < known.until ? known.identity : this.#lookUp(token);
  }

  async #lookUp(token: string): Promise<Identity | undefined> {
    // Found by its hash, so that neither the time nor the place of a comparison tells anything of a token.
    const hash = hashToken(token);
    const accepted = this.#accepted.get(hash);
    if (accepted) return this.#remember(token, accepted, Infinity);
    this.#known.delete(token);
    const until = Date.now() + CACHE_MILLIS;
    const info = await this.#data.get<TokenInfo>(recordKey(hash));
    const expiry = info?.expiresAt === undefined ? Infinity : Date.parse(info.expiresAt);
    const user = info && ((await this.#users.find(info.userId)) ?? (await this.#users.findAnew(info.userId)));
    if (!user || this.#revoked.has(hash) || expiry <= Date.now()) return undefined;
    const identity = { user, scope: info.scope, storeIds: info.storeIds };
    return this.#remember(token, identity, Math.min(until, expiry));
  }

  #remember(token: string, identity: Identity, until: number): Identity {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(token, { identity, until });
    return identity;
  }
}

function recordKey(hash: string): string {
  return `token.${hash}`;
}

function hashToken(token: string): string {
  return hashOf('sha256', token);
}
