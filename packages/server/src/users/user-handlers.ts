import { requireIdentity } from '../access/authenticate.js';
import type { User } from '../access/users.js';
import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import { respondJson } from '../http/respond.js';

/** The platform's features that clients look for. Of all of them, this server has the storages. */
const FEATURES = [
  'ACTORS',
  'STORAGE',
  'SCHEDULER',
  'PROXY',
  'PROXY_EXTERNAL_ACCESS',
  'PROXY_RESIDENTIAL',
  'PROXY_SERPS',
  'WEBHOOKS',
  'ACTORS_PUBLIC_ALL',
  'ACTORS_PUBLIC_DEVELOPER',
] as const;

/** `GET /users/me`: the one who asks. */
export function getMe(c: ApiContext): Response {
  const { user } = requireIdentity(c);
  const features = FEATURES.map((name) => [
    name,
    {
      isEnabled: name === 'STORAGE',
      disabledReason: name === 'STORAGE' ? null : 'This server stores data and does nothing else.',
      disabledReasonType: null,
      isTrial: false,
      trialExpirationAt: null,
    },
  ]);
  return respondJson(c, {
    data: {
      id: user.id,
      ...publicUser(user),
      createdAt: user.createdAt,
      isPaying: false,
      plan: { id: 'SELF_HOSTED', isEnabled: true, availableProxyGroups: {} },
      proxy: { password: '', groups: [] },
      effectivePlatformFeatures: Object.fromEntries(features),
    },
  });
}

/** `GET /users/:userId`: what everyone may know of a user. */
export async function getUser(c: ApiContext): Promise<Response> {
  const user = await c.get('server').users.find(c.req.param('userId') ?? '');
  if (!user) throw new ApiError(404, 'record-not-found', 'User was not found');
  return respondJson(c, { data: publicUser(user) });
}

function publicUser({ username }: User): object {
  return { username, profile: { name: username } };
}
