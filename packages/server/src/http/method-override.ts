const METHODS = new Set(['GET', 'PUT', 'POST', 'DELETE']);

/**
 * Lets `?method=PUT` stand for the method of a request, for clients that can only send GET and POST.
 *
 * Only with a token in the header: a link or a form on another site cannot set one.
 */
export function overrideMethod(request: Request): Request {
  if (!request.url.includes('method=')) return request;
  const method = new URL(request.url).searchParams.get('method')?.toUpperCase() ?? '';
  const isAllowed = ['GET', 'POST'].includes(request.method) && METHODS.has(method);
  if (!isAllowed || !request.headers.has('authorization')) return request;
  // GET has no body, and a request that had one cannot become one.
  if (method === 'GET') return new Request(request.url, { method, headers: request.headers });
  return new Request(request, { method });
}
