import type { Route } from '../http/route.js';
import { getMe, getUser } from './user-handlers.js';
import { GET_ME, GET_USER } from './user-operations.js';

/** The rows of users. */
export const userRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v2/users/me',
    right: 'account-read',
    rate: 60,
    summary: 'Get the user of the token',
    operation: GET_ME,
    handle: getMe,
  },
  {
    method: 'GET',
    path: '/v2/users/:userId',
    right: 'public',
    rate: 60,
    summary: 'Get what everyone may know of a user',
    operation: GET_USER,
    handle: getUser,
  },
];
