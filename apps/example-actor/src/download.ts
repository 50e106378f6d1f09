const USER_AGENT = 'kv-site-archiver/1.0 (+https://github.com/kv-storage/kv)';
const PATIENCE_MILLIS = 30_000;
const CONTENT_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(;[\t\x20-\x7e]*)?$/;

/** The network's or the server's fault: it goes into a record, and the run goes on. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** One answer from the web. Read `body` to its end, or call `discard()`. */
export interface Download {
  response: Response;
  contentType: string;
  body: AsyncIterable<Uint8Array>;
  /** Bytes of the body read so far. */
  size: number;
  /** Why the body broke off: tells a failed download from a failed write when a body is streamed into a store. */
  failure?: DownloadError;
  discard: () => void;
}

/**
 * Asks for a URL. There is a limit on silence, not on the whole: a long video may take an hour, a dead server may not.
 *
 * @throws DownloadError when no answer comes, or, while `body` is read, when it breaks off.
 */
export async function download(
  url: string,
  redirect: 'follow' | 'manual',
  patienceMillis = PATIENCE_MILLIS,
): Promise<Download> {
  const controller = new AbortController();
  const giveUp = () => controller.abort(new Error(`no data for ${patienceMillis / 1000} seconds`));
  const timer = setTimeout(giveUp, patienceMillis);
  const discard = () => {
    clearTimeout(timer);
    controller.abort();
  };
  const request = { redirect, signal: controller.signal, headers: { 'user-agent': USER_AGENT } };
  const response = await fetch(url, request).catch((error: unknown) => {
    clearTimeout(timer);
    throw asDownloadError(error);
  });
  const contentType = acceptContentType(response.headers.get('content-type'));
  const result: Download = { response, contentType, body: readBody(), size: 0, discard };
  return result;

  async function* readBody(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        result.size += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      throw (result.failure = asDownloadError(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Servers send nonsense, which a store refuses; the bytes are worth keeping all the same. */
function acceptContentType(header: string | null): string {
  return header && header.length <= 255 && CONTENT_TYPE.test(header) ? header : 'application/octet-stream';
}

/** `fetch failed` says nothing; its cause does: `connect ECONNREFUSED 127.0.0.1:9`. */
function asDownloadError(error: unknown): DownloadError {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const { message, code } = cause as { message?: string; code?: string };
  return new DownloadError(message || code || 'no answer', { cause: error });
}
