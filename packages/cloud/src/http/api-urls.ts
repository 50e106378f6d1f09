/** Parameters of a query; what is `undefined` is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Builds the addresses of the storage API under one base: that for calls, or that for links. */
export class ApiUrls {
  /** The base without `/v2` and without a slash at its end. */
  readonly base: string;
  readonly #stores: string;

  /** @throws `TypeError` when the base is no URL of HTTP, or carries what does not belong there. */
  constructor(base: string, option: string) {
    this.base = readBase(base, option);
    this.#stores = `${this.base}/v2/key-value-stores`;
  }

  /** What the place says of itself. */
  root(): string {
    return `${this.base}/`;
  }

  /** All key-value stores. */
  stores(query: Query = {}): string {
    return this.#stores + search(query);
  }

  /** A key-value store, by its id or by `~` and its name. */
  store(id: string): string {
    return `${this.#stores}/${encodeURIComponent(id)}`;
  }

  /** The keys of a store. */
  keys(id: string, query: Query): string {
    return `${this.store(id)}/keys${search(query)}`;
  }

  /** A record of a store. */
  record(id: string, key: string, query: Query = {}): string {
    return `${this.store(id)}/records/${encodeURIComponent(key)}${search(query)}`;
  }
}

function readBase(base: string, option: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain) return (url.origin + url.pathname).replace(/\/+(v2\/*)?$/, '');
  const shown = typeof base === 'string' && !base.includes('@') ? `, not ${JSON.stringify(base)}` : '';
  throw new TypeError(
    `The option "${option}" must be a URL such as "https://api.apify.com", without user, query and fragment${shown}.`,
  );
}

function search(query: Query): string {
  const parameters = Object.entries(query).filter(([, value]) => value !== undefined);
  if (parameters.length === 0) return '';
  return `?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
}
