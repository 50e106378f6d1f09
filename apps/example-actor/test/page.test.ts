import { describe, expect, it } from 'vitest';
import { readPage } from '../src/page.ts';

const read = (html: string, url = 'https://a.test/dir/page.html') => readPage(Buffer.from(html), url);

describe('readPage', () => {
  it('reads the title in one line', () => {
    expect(read('<title> Two\n  lines &amp; one </title>').title).toBe('Two lines & one');
    expect(read('<p>none').title).toBe('');
  });

  it('collects links once, in the order of the document, without what is not on the web', () => {
    const { links } = read(
      '<a href="b.html#x">B</a><a href="mailto:me@a.test">Mail</a><a href="javascript:1">Run</a><a>No</a>' +
        '<a href="">Empty</a><a href="/c">C</a><a href="b.html#y">B</a><area href="d"><iframe src="e"></iframe>',
    );
    expect(links).toEqual(['dir/b.html', 'c', 'dir/d', 'dir/e'].map((path) => `https://a.test/${path}`));
  });

  it('respects the first base, relative or not', () => {
    expect(read('<base href="/other/"><base href="/third/"><a href="x">').links).toEqual(['https://a.test/other/x']);
    expect(read('<base href="https://b.test/y"><img src="z.png">').assets[0]?.url).toBe('https://b.test/z.png');
    expect(read('<base href="data:x"><a href="x">').links).toEqual(['https://a.test/dir/x']);
  });

  it('collects assets of every kind, each once', () => {
    const { assets } = read(`
      <link rel="stylesheet" href="s.css"><link rel="preload stylesheet" href="t.css"><link rel="canonical" href="no">
      <link rel="shortcut icon" href="i.ico"><link rel="apple-touch-icon" href="touch.png">
      <script src="s.js"></script><script>inline</script>
      <img src="a.png"><img src="a.png" srcset="a.png 1x, a-2x.png 2x"><img src="data:image/png;base64,AAAA"><img src="">
      <picture><source srcset="p.webp"></picture>
      <video poster="v.jpg"><source src="v.mp4"><track src="v.vtt"></video><audio src="a.mp3"></audio>`);
    const names = assets.map(({ url }) => url.replace('https://a.test/dir/', ''));
    const images = ['i.ico', 'touch.png', 'a.png', 'a-2x.png', 'p.webp', 'v.jpg'];
    const others = ['s.css', 't.css', 's.js', 'v.mp4', 'v.vtt', 'a.mp3'];
    expect(names.toSorted()).toEqual([...images, ...others].toSorted());
  });

  it.each([
    ['a.png', ['a.png']],
    ['a.png 1x,b.png 2x', ['a.png', 'b.png']],
    [' a,b.png 100w ,\n c.png 200w, ', ['a,b.png', 'c.png']],
    ['data:image/png;base64,AA== 1x, d.png 2x', ['d.png']],
    ['', []],
  ])('reads srcset %j', (srcset, names) => {
    const urls = read(`<img srcset="${srcset}">`).assets.map(({ url }) => url);
    expect(urls).toEqual(names.map((name) => `https://a.test/dir/${name}`));
  });

  it('decodes by the charset of the server, then by that of the page, then as UTF-8', () => {
    const latin1 = Buffer.from('<title>Café</title>', 'latin1');
    expect(readPage(latin1, 'https://a.test/', 'iso-8859-1').title).toBe('Café');
    expect(readPage(Buffer.concat([Buffer.from('<meta charset="latin1">'), latin1]), 'https://a.test/').title).toBe(
      'Café',
    );
    expect(read('<meta charset="utf-8"><title>Café</title>').title).toBe('Café');
    expect(readPage(Buffer.from('<meta charset="utf-8"><title>Café</title>'), 'https://a.test/', 'no-such').title).toBe(
      'Café',
    );
  });

  it.each(['', '\u0000\u0001', '<', '<a href=', '{"json": true}', '<a href="http://[bad">x'])('takes %j', (html) => {
    expect(read(html)).toEqual({ title: '', links: [], assets: [] });
  });
});
