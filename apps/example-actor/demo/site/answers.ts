/** What the bundled site sends for one path. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** How long the site waits before it answers. */
  delayMillis: number;
}

export function file(body: Buffer | string, contentType?: string): Answer {
  const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType };
  return { status: 200, headers, body: Buffer.from(body), delayMillis: 0 };
}

export function redirect(location: string, status = 302): Answer {
  return { status, headers: { location }, body: Buffer.alloc(0), delayMillis: 0 };
}

export function failing(status: number, text: string): Answer {
  return { ...page('Sorry', `<p>${text}</p>`), status };
}

/** An HTML page in the site's frame. `content` is HTML. */
export function page(title: string, content: string, delayMillis = 0): Answer {
  return { ...file(frame(title, content), 'text/html; charset=utf-8'), delayMillis };
}

function frame(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>${title} – Skerry Light</title>
  <link rel="stylesheet" href="/assets/site.css">
  <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
  <script src="/assets/site.js" defer></script>
</head>
<body>
  <nav><a href="/">Skerry Light</a> <a href="/visit/">Visit</a> <a href="/exhibits/">Exhibits</a>
    <a href="/news/">News</a> <a href="/odd/">Odd corners</a></nav>
  <main><h1>${title}</h1>
${content}
  </main>
</body>
</html>
`;
}
