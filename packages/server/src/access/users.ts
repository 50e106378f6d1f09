import { createStorageId, KvError } from '@kv/core';
import type { ServerData } from '../data/server-data.js';

const USERNAME = /^[a-zA-Z0-9_.-]{3,30}$/;
const CACHE_MILLIS = 5000;

/** Someone who owns storages. */
export interface User {
  /** 17 characters, as of a storage. */
  readonly id: string;
  readonly username: string;
  /** When the user was added, in ISO 8601. */
  readonly createdAt: string;
  /** The first user owns what lies in the backend without belonging to another one. */
  readonly isOwner: boolean;
}

/** The users of the server. A change by another process is seen within five seconds. */
export class Users {
  readonly #data: ServerData;
  #users: readonly User[] = [];
  #byIdOrName: ReadonlyMap<string, User> = new Map();
  #expiresAt = 0;

  constructor(data: ServerData) {
    this.#data = data;
  }

  /** Lists all users, the owner first. */
  async list(): Promise<readonly User[]> {
    if (Date.now() < this.#expiresAt) return this.#users;
    const users = await this.#data.list<User>('user.');
    this.#users = users.toSorted((a, b) => Number(b.isOwner) - Number(a.isOwner) || (a.id < b.id ? -1 : 1));
    this.#byIdOrName = new Map([
      ...this.#users.map((user) => [user.username.toLowerCase(), user] as const),
      ...this.#users.map((user) => [user.id, user] as const),
    ]);
    this.#expiresAt = Date.now() + CACHE_MILLIS;
    return this.#users;
  }

  /** Finds a user by id or by name, in any case; `undefined` when there is none. */
  async find(idOrName: string): Promise<User | undefined> {
    await this.list();
    return this.#byIdOrName.get(idOrName) ?? this.#byIdOrName.get(idOrName.toLowerCase());
  }

  /** Finds a user that another process may have added just now. */
  async findAnew(id: string): Promise<User | undefined> {
    this.#expiresAt = 0;
    return this.find(id);
  }

  /** Gives the first user, who is made when there is none; tells whether it was. */
  async ensureOwner(username: string): Promise<{ readonly user: User; readonly isNew: boolean }> {
    const owner = (await this.list()).find(({ isOwner }) => isOwner);
    if (owner) return { user: owner, isNew: false };
    return { user: await this.#create(username, true), isNew: true };
  }

  /**
   * Adds a user.
   *
   * @throws KvError `KV_NAME_INVALID`, `KV_NAME_TAKEN`.
   */
  async add(username: string): Promise<User> {
    this.#expiresAt = 0;
    if (!(await this.find(username))) return this.#create(username, false);
    const message = `There is a user ${JSON.stringify(username)} already. Choose another name.`;
    throw new KvError('KV_NAME_TAKEN', message, { details: { name: username } });
  }

  async #create(username: string, isOwner: boolean): Promise<User> {
    if (!USERNAME.test(username)) {
      const rule = 'A username has 3 to 30 letters, digits, dots, hyphens and underscores';
      const message = `The username ${JSON.stringify(username)} is not legal. ${rule}.`;
      throw new KvError('KV_NAME_INVALID', message, { details: { name: username } });
    }
    const user: User = { id: createStorageId(), username, createdAt: new Date().toISOString(), isOwner };
    const stored = await this.#data.create(`user.${username.toLowerCase()}`, user);
    this.#expiresAt = 0;
    return stored;
  }
}
