import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBytes, toValue } from './operation.js';
import type { Operation, Result, RunTool, Value } from './operation.js';

const METADATA = '__metadata__.json';

interface Sidecar {
  readonly key: string;
  readonly contentType: string;
  readonly filename?: string;
}

interface Metadata {
  readonly id: string;
  readonly createdAt: string;
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
    const metadata = existsSync(join(path, METADATA)) ? (this.#readJson(METADATA) as Metadata) : undefined;
    this.#id = metadata?.id ?? randomBytes(9).toString('hex').slice(0, 17);
    this.#createdAt = metadata ? this.#time(new Date(metadata.createdAt)) : this.#now();
    this.#writeMetadata();
  }

  run(operation: Operation): Result {
    if (operation.name === 'list') return this.#list();
    const encoded = encode(operation.key);
    const { filename = encoded, contentType } = this.#readSidecar(encoded) ?? {};
    this.#writeMetadata();
    if (operation.name === 'get') return this.#get(filename, contentType);
    if (operation.name === 'set') return this.#set(encoded, operation);
    rmSync(join(this.#path, filename), { force: true });
    rmSync(join(this.#path, `${encoded}.${METADATA}`), { force: true });
    return null;
  }

  #get(filename: string, contentType: string | undefined): Result {
    const path = join(this.#path, filename);
    return contentType !== undefined && existsSync(path) ? toValue(readFileSync(path), contentType) : null;
  }

  #set(encoded: string, value: Value & { readonly key: string }): Result {
    const bytes = toBytes(value);
    this.#write(encoded, bytes);
    const { key, contentType } = value;
    this.#write(`${encoded}.${METADATA}`, JSON.stringify({ key, contentType, size: bytes.length }, null, 2));
    return null;
  }

  #list(): readonly string[] {
    const stems = readdirSync(this.#path)
      .filter((name) => name.endsWith(`.${METADATA}`))
      .map((name) => name.slice(0, -METADATA.length - 1));
    return stems.map((stem) => this.#readSidecar(stem)?.key as string).toSorted();
  }

  #readSidecar(stem: string): Sidecar | undefined {
    const name = `${stem}.${METADATA}`;
    return existsSync(join(this.#path, name)) ? (this.#readJson(name) as Sidecar) : undefined;
  }

  #readJson(name: string): unknown {
    return JSON.parse(readFileSync(join(this.#path, name), 'utf8'));
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
