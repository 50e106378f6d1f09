import { dataResponse } from '../openapi/json-response.js';
import type { Operation } from '../openapi/operation.js';

const TAG = 'Users';

/** `GET /v2/users/me` */
export const GET_ME: Operation = {
  id: 'getMe',
  tag: TAG,
  responses: { 200: dataResponse('The user.', 'User') },
};

/** `GET /v2/users/:userId` */
export const GET_USER: Operation = {
  id: 'getUser',
  tag: TAG,
  responses: { 200: dataResponse('The public part of the user.', 'PublicUser') },
  errors: [403, 404, 409],
};
