import { existsSync, statSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { PAGES, ROOT } from './pages.ts';

const REPOSITORY = 'https://github.com/kv-storage/kv';

/**
 * Turns the links of a file, which lead to other files of the repository, into links to pages of the site; where there is no page,
 * to the file on the web. So one text serves both.
 *
 * @throws Error when there is no such file.
 */
export function repositoryLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const source = relative(ROOT, env.realPath ?? env.path).replaceAll('\\', '/');
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href !== null) token.attrSet('href', resolveLink(source, href));
    }
  });
}

/** Gives the link as it is on the site. */
export function resolveLink(source: string, href: string): string {
  if (/^(?:[a-z]+:|\/|#)/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = posix.join(posix.dirname(source), decodeURI(path));
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const page = PAGES.get(target);
  if (page !== undefined) return `/${page}${hash}`;
  if (!existsSync(join(ROOT, target))) throw new Error(`${source} links to ${href}, but there is no ${target}.`);
  const kind = statSync(join(ROOT, target)).isDirectory() ? 'tree' : 'blob';
  return `${REPOSITORY}/${kind}/main/${target.replace(/\/$/, '')}${hash}`;
}

/** Makes the anchor of a heading as GitHub makes it, so that a link to it works in both places. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
