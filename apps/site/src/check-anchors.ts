import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Follows every link within a built site, with its anchor; VitePress itself looks at pages alone.
 *
 * @throws Error that names every link that leads nowhere.
 */
export function checkAnchors(dir: string): void {
  const pages = new Map(globSync('**/*.html', { cwd: dir }).map((file) => [slashes(file), read(dir, file)] as const));
  const ids = new Map([...pages].map(([file, html]) => [file, idsIn(html)] as const));
  const dead = [...pages].flatMap(([file, html]) =>
    linksIn(html)
      .filter((link) => !leadsSomewhere(file, link, ids))
      .map((link) => `${file} -> ${link}`),
  );
  if (dead.length > 0) throw new Error(`These links lead nowhere:\n${dead.join('\n')}`);
}

function leadsSomewhere(file: string, link: string, ids: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const { pathname, hash } = new URL(link, `file:///${file}`);
  const page = ids.get(decodeURI(pathname.slice(1)).replace(/(?<=^|\/)$/, 'index.html'));
  return page !== undefined && (hash === '' || page.has(decodeURIComponent(hash.slice(1))));
}

function linksIn(html: string): string[] {
  const links = [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
  return links.filter((href) => !/^[a-z]+:/.test(href));
}

function idsIn(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => id));
}

function read(dir: string, file: string): string {
  return readFileSync(join(dir, file), 'utf8');
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
