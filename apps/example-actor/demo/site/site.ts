import { type Answer, failing, file, page, redirect } from './answers.ts';
import { oddCorners, oddIndex } from './odd-corners.ts';
import { drawLighthouse } from './picture.ts';

const list = (links: Record<string, string>) =>
  `<ul>${Object.entries(links)
    .map(([href, text]) => `<li><a href="${href}">${text}</a></li>`)
    .join('')}</ul>`;

const pages: Record<string, Answer> = {
  '/': page(
    'Skerry Light',
    `<p>A lighthouse museum, made for trying out an archiver.</p>
    <img src="assets/tower.png" srcset="assets/tower.png 1x, assets/tower-2x.png 2x" alt="The tower">
    ${list({ '/visit/': 'Visit us', '/exhibits/': 'What we show', '/news/': 'News', '/odd/': 'Odd corners', '/old-home.html': 'Our old home page', '/shop.html': 'The shop (gone)' })}`,
  ),
  '/visit/': page(
    'Visit',
    list({
      'opening-hours.html': 'Opening hours',
      'getting-here.html': 'Getting here',
      '/ferry': 'The ferry',
      'plan.pdf': 'Plan of the island',
    }),
  ),
  '/visit/opening-hours.html': page('Opening hours', '<p>From dusk to dawn.</p>'),
  '/visit/getting-here.html': page('Getting here', '<p>Slowly.</p>', 900),
  '/visit/plan.pdf': file(plan(), 'application/pdf'),
  '/exhibits/': page(
    'Exhibits',
    list({
      'lens.html': 'The lens',
      'lamp.html': 'The lamp',
      'foghorn.html': 'The foghorn',
      'keepers.html': 'The keepers',
      'storms.html': 'Storms',
      'boiler-room.html': 'The boiler room',
    }),
  ),
  '/exhibits/lens.html': page('The lens', '<p>First order.</p><img src="/assets/lens.png" alt="The lens">'),
  '/exhibits/lamp.html': page(
    'The lamp',
    '<p>Burns oil.</p><picture><source srcset="/assets/lamp-2x.png 2x"><img src="/assets/lamp.png" alt="The lamp"></picture>',
  ),
  '/exhibits/foghorn.html': page('The foghorn', '<audio controls src="/assets/foghorn.wav"></audio>', 1500),
  '/exhibits/keepers.html': page(
    'The keepers',
    '<p>Their photograph is lost.</p><img src="/assets/lost.png" alt="The keepers"><p>Find them in the <a href="/shop.html">shop</a>.</p>',
  ),
  '/exhibits/storms.html': page(
    'Storms',
    '<p>The worst took its time: see <a href="logbook.html">the logbook</a>.</p><img src="/assets/tower.png" alt="The tower">',
    1800,
  ),
  '/exhibits/logbook.html': page('The logbook', logbook()),
  '/exhibits/boiler-room.html': failing(500, 'The boiler is out of order.'),
  '/news/': redirect('/news/?page=1', 301),
  '/news/?page=1': page('News', list({ '/news/2026/lamp-lit.html': 'The lamp is lit', '?page=2': 'Older' })),
  '/news/?page=2': page(
    'News, page 2',
    list({ '/news/2025/new-paint.html': 'New paint', '?page=3': 'Older', '?page=1': 'Newer' }),
  ),
  '/news/?page=3': page('News, page 3', list({ '/news/2024/we-open.html': 'We open', '?page=2': 'Newer' }), 1200),
  '/news/2026/lamp-lit.html': page('The lamp is lit', '<p>See <a href="/exhibits/lamp.html#oil">the lamp</a>.</p>'),
  '/news/2025/new-paint.html': page('New paint', '<p>Red and white, again.</p><img src="/assets/tower-2x.png" alt="">'),
  '/news/2024/we-open.html': page('We open', '<p>Come by <a href="/ferry">ferry</a>.</p>'),
  '/odd/': oddIndex,
  '/old-home.html': redirect('/', 301),
  '/ferry': redirect('/ferry/timetable'),
  '/ferry/timetable': redirect('/ferry/timetable/winter', 307),
  '/ferry/timetable/winter': redirect('/visit/getting-here.html', 308),
  ...oddCorners,
};

const assets: Record<string, Answer> = {
  '/assets/site.css': file('body { max-width: 42rem; margin: 2rem auto; font: 17px/1.6 system-ui }\n', 'text/css'),
  '/assets/site.js': file('document.documentElement.classList.add("js");\n', 'text/javascript; charset=utf-8'),
  '/assets/icon.svg': file(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#c43a30" d="M6 15 7 4h2l1 11z"/></svg>\n',
    'image/svg+xml',
  ),
  '/assets/tower.png': file(drawLighthouse(240, 200), 'image/png'),
  '/assets/tower-2x.png': file(drawLighthouse(480, 200), 'image/png'),
  '/assets/lens.png': file(drawLighthouse(240, 120), 'image/png'),
  '/assets/lamp.png': file(drawLighthouse(240, 40), 'image/png'),
  '/assets/lamp-2x.png': file(drawLighthouse(480, 40), 'image/png'),
  '/assets/foghorn.wav': file(foghorn(), 'audio/wav'),
};

/** The whole bundled site: what it sends, by path and query. What is not here is a 404. */
export const site: ReadonlyMap<string, Answer> = new Map(Object.entries({ ...pages, ...assets }));

export const notFound = failing(404, 'There is no such page.');

/** About two megabytes of text. */
function logbook(): string {
  const entry = 'Wind from the west, sea high, lamp lit at dusk and put out at dawn, nothing more to report. ';
  return Array.from({ length: 1000 }, (_, night) => `<p>Night ${night + 1}. ${entry.repeat(22)}</p>`).join('\n');
}

function plan(): string {
  return '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';
}

/** A second of a low tone as WAV: 8 bits, one channel, 8000 samples. */
function foghorn(): Buffer {
  const samples = Buffer.from(Array.from({ length: 8000 }, (_, index) => 128 + Math.round(90 * Math.sin(index / 12))));
  const header = Buffer.alloc(44);
  header.write('RIFF....WAVEfmt ', 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  [16, 0x10001, 8000, 8000, 0x80001].forEach((value, index) => header.writeUInt32LE(value, 16 + index * 4));
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
