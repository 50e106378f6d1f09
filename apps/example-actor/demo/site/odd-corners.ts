import { type Answer, file, page, redirect } from './answers.ts';

/** Paths that are legal on the web and awkward in an archive: what an archiver meets sooner or later. */
export const oddCorners: Record<string, Answer> = {
  '/odd/with%20space.html': page('A space in the name', '<p>Sent as %20.</p>'),
  '/odd/%C5%BElu%C5%A5ou%C4%8Dk%C3%BD-k%C5%AF%C5%88.html': page('Žluťoučký kůň', '<p>Příliš žluťoučký kůň.</p>'),
  '/odd/100%25.html': page('One hundred per cent', '<p>A percent sign in the name.</p>'),
  '/odd/a%2Fb.html': page('A slash in the name', '<p>Not a folder.</p>', 600),
  '/odd/trailing.dots...': page('Trailing dots', '<p>Some file systems drop them.</p>'),
  '/odd/case.html': page('Lower case', '<p>Its twin is in capitals.</p>'),
  '/odd/CASE.html': page('Upper case', '<p>Its twin is in small letters.</p>'),
  '/odd/con.html': page('CON', '<p>A reserved name on some systems.</p>'),
  '/odd/?sort=name&tag=%3Cb%3E': page('A query', '<p>The same path with a query is another page.</p>'),
  [`/odd/${'long-'.repeat(50)}name.html`]: page('A very long name', '<p>Longer than a file name may be.</p>'),
  '/odd/__metadata__.json': file('{ "name": "not ours" }\n', 'application/json'),
  '/odd/no-type': file(Buffer.from([0, 1, 2, 253, 254, 255])),
  '/odd/bad-type': file('What am I?', 'nonsense'),
  '/odd/notes.txt': file(Buffer.from('Une note écrite à la main.\n', 'latin1'), 'text/plain; charset=iso-8859-1'),
  '/odd/latin1.html': file(
    Buffer.from('<!doctype html><title>Café</title><p>Words in an old charset: <a href="/">début</a>', 'latin1'),
    'text/html; charset=iso-8859-1',
  ),
  '/odd/based.html': file(
    '<!doctype html><base href="/exhibits/"><title>Based elsewhere</title><a href="lens.html">The lens</a>' +
      '<img src="../assets/lamp.png" alt="">',
    'text/html',
  ),
  '/odd/escaped.html': file(
    '<!doctype html><title>&lt;script&gt;alert("title")&lt;/script&gt;</title><p>A title that wants out.',
    'text/html',
  ),
  '/odd/loop-a': redirect('/odd/loop-b'),
  '/odd/loop-b': redirect('/odd/loop-a'),
};

export const oddIndex = page(
  'Odd corners',
  `<ul>${Object.keys(oddCorners)
    .map(
      (path) => `<li><a href="${path.replaceAll('&', '&amp;')}">${path.slice(0, 60).replaceAll('&', '&amp;')}</a></li>`,
    )
    .join('')}</ul>
  <p><a href="mailto:keeper@example.com">Write</a>, <a href="javascript:void 0">do nothing</a>,
  <a href="https://example.com/">leave for another site</a> or <a href="#top">go up</a>.</p>`,
);
