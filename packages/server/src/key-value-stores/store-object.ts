import { signContent, signMessage } from '../access/signature.js';
import type { ApiContext } from '../http/api-context.js';
import { publicUrl } from '../http/public-url.js';
import type { StoreInfo } from './store-info.js';

const LINK_MILLIS = 14 * 24 * 60 * 60 * 1000;

/** What {@link storeObject} has to know besides the store. */
export interface StoreObjectOptions {
  readonly info: StoreInfo;
  readonly ownerId: string;
  /** Whether the one who asks may change the store: only then are the signing key and signed links told. */
  readonly canWrite: boolean;
}

/** Describes a store as the API does. */
export async function storeObject(c: ApiContext, { info, ownerId, canWrite }: StoreObjectOptions): Promise<object> {
  const { users, signingKey } = c.get('server');
  const owner = await users.find(ownerId);
  const secret = signingKey(info.id);
  const path = `/key-value-stores/${info.id}`;
  const signature = canWrite ? { signature: signContent(secret, info.id, Date.now() + LINK_MILLIS) } : {};
  return {
    id: info.id,
    name: info.name ?? null,
    userId: ownerId,
    username: owner?.username ?? null,
    ...(info.title !== undefined && { title: info.title }),
    createdAt: info.createdAt,
    modifiedAt: info.modifiedAt,
    accessedAt: info.accessedAt,
    actId: null,
    actRunId: null,
    generalAccess: info.generalAccess ?? 'FOLLOW_USER_SETTING',
    schema: info.schema ?? null,
    keysPublicUrl: publicUrl(c, `${path}/keys`, signature),
    recordsPublicUrl: publicUrl(c, `${path}/records`, signature),
    // Nothing is counted; Apify's command line reads members of it.
    stats: {},
    ...(canWrite && { urlSigningSecretKey: secret }),
  };
}

/** Gives the URLs of records, signed for good where they need to be. */
export function recordUrls(c: ApiContext, storeId: string, isSigned: boolean): (key: string) => string {
  const secret = isSigned ? c.get('server').signingKey(storeId) : undefined;
  return (key) => {
    const signature = secret === undefined ? {} : { signature: signMessage(secret, key) };
    return publicUrl(c, `/key-value-stores/${storeId}/records/${encodeURIComponent(key)}`, signature);
  };
}
