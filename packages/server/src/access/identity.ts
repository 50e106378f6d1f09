import type { User } from './users.js';

/** What a token allows, each including the one before: `manage` is to rename, to open up and to delete stores. */
export const SCOPES = ['read', 'write', 'manage'] as const;

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** Who sends a request, and what the token allows. */
export interface Identity {
  readonly user: User;
  readonly scope: Scope;
  /** Ids of the stores that the token is for; absent when it is for all of the user. */
  readonly storeIds?: readonly string[] | undefined;
}

/** Tells whether a text is one of {@link SCOPES}. */
export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/** Tells whether a token allows what needs a scope. */
export function allows({ scope }: Identity, needed: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);
}

/** Tells whether a token is for a store, as far as that is its user's. */
export function reaches({ storeIds }: Identity, storeId: string): boolean {
  return storeIds?.includes(storeId) ?? true;
}

/** Tells whether a token allows to read what is of all users: it is one of the first, and not for single stores. */
export function mayReadServer({ user, storeIds }: Identity): boolean {
  return user.isOwner && storeIds === undefined;
}

/** Tells whether a token allows to make stores. */
export function mayCreate(identity: Identity): boolean {
  return allows(identity, 'write') && identity.storeIds === undefined;
}
