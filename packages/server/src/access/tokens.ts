import { hash as hashOf, randomBytes, randomUUID } from 'node:crypto';
import type { ServerData } from '../data/server-data.js';
import type { Identity, Scope } from './identity.js';
import type { User, Users } from './users.js';

// A token that another process revokes is refused so soon; to look at every request would take a third of its time.
const CACHE_MILLIS = 100;
const MAX_CACHED = 10_000;

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

interface CachedToken {
  readonly token: TokenInfo;
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
  readonly #cache = new Map<string, CachedToken>();
  // Of tokens that were good, by the token itself: to hash takes longer than any other look at a small request. All others are
  // hashed each time, however much of them is right.
  readonly #hashes = new Map<string, string>();
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
    return true;
  }

  /** Tells whose token this is and what it allows; `undefined` when it is none or has expired. */
  async identify(token: string): Promise<Identity | undefined> {
    // Found by its hash, so that neither the time nor the place of a comparison tells anything of a token.
    const known = this.#hashes.get(token);
    const hash = known ?? hashToken(token);
    const identity = await this.#identifyHash(hash);
    if (!identity) this.#hashes.delete(token);
    else if (known === undefined) this.#remember(token, hash);
    return identity;
  }

  #remember(token: string, hash: string): void {
    if (this.#hashes.size >= MAX_CACHED) this.#hashes.clear();
    this.#hashes.set(token, hash);
  }

  async #identifyHash(hash: string): Promise<Identity | undefined> {
    const accepted = this.#accepted.get(hash);
    if (accepted) return accepted;
    const info = await this.#find(hash);
    if (!info || this.#revoked.has(hash) || (info.expiresAt !== undefined && Date.parse(info.expiresAt) <= Date.now()))
      return undefined;
    const user = (await this.#users.find(info.userId)) ?? (await this.#users.findAnew(info.userId));
    return user && { user, scope: info.scope, storeIds: info.storeIds };
  }

  async #find(hash: string): Promise<TokenInfo | undefined> {
    const cached = this.#cache.get(hash);
    if (cached && Date.now() < cached.until) return cached.token;
    this.#cache.delete(hash);
    const token = await this.#data.get<TokenInfo>(recordKey(hash));
    if (!token) return undefined;
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(hash, { token, until: Date.now() + CACHE_MILLIS });
    return token;
  }
}

function recordKey(hash: string): string {
  return `token.${hash}`;
}

function hashToken(token: string): string {
  return hashOf('sha256', token);
}
