import { globSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import type { Plugin } from 'vitepress';
import { checkAnchors } from '../src/check-anchors.ts';
import { sidebar } from '../src/navigation.ts';
import { PAGES, ROOT } from '../src/pages.ts';
import { repositoryLinks, slugOf } from '../src/repository-links.ts';

const SITE = join(ROOT, 'apps/site');
const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='%233451b2'/><text x='16' y='22' text-anchor='middle' font-family='sans-serif' font-weight='700' font-size='17' fill='white'>kv</text></svg>";
const markdown = globSync('**/*.md', { cwd: ROOT, exclude: (name) => ['node_modules', '.git'].includes(name) });

/** Pages lie all over the repository; what they are compiled to finds its modules where the site has them. */
const modulesOfSite: Plugin = {
  name: 'modules-of-site',
  enforce: 'pre',
  async resolveId(id, importer) {
    if (!/^vue(?:$|\/)/.test(id) || importer?.endsWith('.md') !== true) return null;
    return this.resolve(id, join(SITE, 'index.md'), { skipSelf: true });
  },
};

export default defineConfig({
  title: 'kv',
  description: 'Actor storage for TypeScript',
  lang: 'en',
  head: [['link', { rel: 'icon', href: ICON }]],
  srcDir: ROOT,
  outDir: join(SITE, 'dist'),
  cacheDir: join(SITE, '.vitepress/cache'),
  srcExclude: markdown.filter((file) => !PAGES.has(file.replaceAll('\\', '/'))),
  rewrites: Object.fromEntries(PAGES),
  markdown: { languageAlias: { caddy: 'nginx' }, anchor: { slugify: slugOf }, config: repositoryLinks },
  vite: { plugins: [modulesOfSite] },
  // In the API every name has the same parts, so a list of them says nothing.
  transformPageData: ({ relativePath, frontmatter }) =>
    relativePath.startsWith('api/') ? { frontmatter: { ...frontmatter, outline: 2 } } : undefined,
  buildEnd: ({ outDir }) => checkAnchors(outDir),
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/guides/local-storage', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/errors', activeMatch: '^/reference/' },
      { text: 'API', link: '/api/sdk', activeMatch: '^/api/' },
    ],
    sidebar: sidebar(),
    outline: { level: [2, 3] },
    socialLinks: [{ icon: 'github', link: 'https://github.com/kv-storage/kv' }],
  },
});
