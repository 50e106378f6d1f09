/** Says what a base URL of links must be or have, and this one does not; `undefined` when it is good. */
export function publicUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return `must be a URL such as https://storage.example.com, not ${JSON.stringify(text)}`;
  }
  // Not to be told: it may be a password.
  if (url.username !== '' || url.password !== '') return 'must have no user and no password: everyone sees the links';
  // Even an empty one would swallow the path of a link.
  if (/[?#]/.test(text)) return `must end with its path, without "?" and "#", not as ${JSON.stringify(text)}`;
  return undefined;
}
