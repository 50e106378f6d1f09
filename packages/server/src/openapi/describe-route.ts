import type { Route } from '../http/route.js';
import { CONTENT_ENCODING } from './content-encoding.js';
import { errorRef } from './error-responses.js';
import { PATH_PARAMETERS } from './path-parameters.js';
import { securityOf } from './security.js';

/** Statuses of errors of all routes: what is wrong with the token, the host or the rate, and what fails inside. */
const EVERYWHERE = [400, 401, 421, 429, 500, 503] as const;

/** Writes the path of a route as OpenAPI does. */
export function toTemplate(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** Describes a route as an operation of OpenAPI. */
export function describeRoute(route: Route): object {
  const { path, right, rate, summary, operation } = route;
  const { id, tag, description, parameters = [], body, responses } = operation;
  const limits = `Right: \`${right}\`. Where limits are on: ${rate} requests per second.`;
  const security = securityOf(route);
  const errors = errorStatuses(route).map((status) => [status, errorRef(status)]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: description === undefined ? limits : `${description}\n\n${limits}`,
    ...(security && { security }),
    parameters: [...pathParameters(path), ...parameters, ...(body ? [CONTENT_ENCODING] : [])],
    ...(body && { requestBody: body }),
    responses: { ...responses, ...Object.fromEntries(errors) },
  };
}

function pathParameters(path: string): readonly object[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return names.map((name) => ({ name, in: 'path', required: true, ...PATH_PARAMETERS[name] }));
}

/** Gives the statuses of the errors that a route can answer with. */
function errorStatuses({ right, operation: { body, errors = [] } }: Route): readonly number[] {
  const isOfStore = right.startsWith('store-');
  return [
    ...EVERYWHERE,
    ...(right === 'public' ? [] : [403, 409]),
    // Whoever uses a store is remembered, and a run that is not known yet gets one.
    ...(isOfStore ? [404, 507] : []),
    ...(body ? [413, 415] : []),
    ...errors,
  ];
}
