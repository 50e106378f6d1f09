import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBytes, toValue } from './operation.js';
import type { Operation, Result, RunTool } from './operation.js';

const METADATA = '__metadata__.json';

interface Sidecar {
  readonly key: string;
  readonly contentType?: string;
  readonly content_type?: string;
  readonly filename?: string;
}

/**
 * Does operations as the source of Crawlee 4's storage does, which no registry has yet: names, properties, order of
 * properties, times and steps. Properties that it does not know are lost when it writes.
 */
export function runCrawlee4(): RunTool {
  return async (dir, operations) => {
    const path = join(dir, 'key_value_stores', 'interop');
    mkdirSync(path, { recursive: true });
    const store = new Crawlee4Store(path);
    return operations.map((operation) => store.run(operation));
  };
}

class Crawlee4Store {
  readonly #path: string;
  readonly #id: string;
  readonly #createdAt: string;

  constructor(path: string) {
    this.#path = path;
    const metadata = existsSync(join(path, METADATA)) ? this.#readJson(METADATA) : {};
    this.#id = String(metadata['id'] ?? randomBytes(9).toString('hex').slice(0, 17));
    const created = metadata['createdAt'] ?? metadata['created_at'];
    this.#createdAt = created === undefined ? this.#now() : this.#time(new Date(String(created)));
    this.#writeMetadata();
  }

  run(operation: Operation): Result {
    if (operation.name === 'list') return this.#list();
    const encoded = encode(operation.key);
    const sidecar = this.#readSidecar(encoded);
    if (operation.name === 'set') {
      const bytes = toBytes(operation);
      this.#write(encoded, bytes);
      const { key, contentType } = operation;
      this.#write(`${encoded}.${METADATA}`, JSON.stringify({ key, contentType, size: bytes.length }, null, 2));
    } else if (operation.name === 'delete') {
      rmSync(join(this.#path, sidecar?.filename ?? encoded), { force: true });
      rmSync(join(this.#path, `${encoded}.${METADATA}`), { force: true });
    }
    this.#writeMetadata();
    const value = sidecar && join(this.#path, sidecar.filename ?? encoded);
    if (operation.name !== 'get' || value === undefined || !existsSync(value)) return null;
    return toValue(readFileSync(value), (sidecar?.contentType ?? sidecar?.content_type) as string);
  }

  #list(): readonly string[] {
    const stems = readdirSync(this.#path)
      .filter((name) => name.endsWith(`.${METADATA}`))
      .map((name) => name.slice(0, -METADATA.length - 1));
    return stems.map((stem) => this.#readSidecar(stem)?.key as string).toSorted();
  }

  #readSidecar(stem: string): Sidecar | undefined {
    const name = `${stem}.${METADATA}`;
    return existsSync(join(this.#path, name)) ? (this.#readJson(name) as unknown as Sidecar) : undefined;
  }

  #readJson(name: string): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.#path, name), 'utf8')) as Record<string, unknown>;
  }

  #writeMetadata(): void {
    const now = this.#now();
    const metadata = { id: this.#id, name: 'interop', accessedAt: now, createdAt: this.#createdAt, modifiedAt: now };
    this.#write(METADATA, JSON.stringify(metadata, null, 2));
  }

  #write(name: string, content: string | Uint8Array): void {
    const temp = join(this.#path, `.tmp.${randomBytes(6).toString('hex')}`);
    writeFileSync(temp, content);
    renameSync(temp, join(this.#path, name));
  }

  #now(): string {
    return this.#time(new Date());
  }

  #time(date: Date): string {
    return date.toISOString().replace('Z', '123+00:00');
  }
}

function encode(key: string): string {
  return encodeURIComponent(key).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
