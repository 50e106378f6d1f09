import { createHmac, timingSafeEqual } from 'node:crypto';

const BASE62 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
// As many digits as fit a number: arithmetic on those is a hundred times faster than on bigints.
const CHUNK_DIGITS = 8;
const CHUNK = 62n ** BigInt(CHUNK_DIGITS);
const VERSION = '0';

/** Signs a message as Apify does: the first 120 bits of an HMAC-SHA256, as a number in base 62. */
export function signMessage(secret: string, message: string): string {
  const digits = createHmac('sha256', secret).update(message).digest('hex').slice(0, 30);
  let rest = BigInt(`0x${digits}`);
  let text = '';
  for (; rest >= CHUNK; rest /= CHUNK) text = toBase62(Number(rest % CHUNK)).padStart(CHUNK_DIGITS, '0') + text;
  return toBase62(Number(rest)) + text;
}

function toBase62(number: number): string {
  let text = '';
  let rest = number;
  do {
    text = `${BASE62[rest % 62]}${text}`;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return text;
}

/** Makes the signature that opens the content of a storage until a time in ms since 1970; 0 stands for ever. */
export function signContent(secret: string, storageId: string, expiresAt = 0): string {
  const mac = signMessage(secret, `${VERSION}.${expiresAt}.${storageId}`);
  return Buffer.from(`${VERSION}.${expiresAt}.${mac}`).toString('base64url');
}

/** Tells whether a signature opens the content of a storage now. */
export function isContentSignature(secret: string, storageId: string, signature: string): boolean {
  const [version, expiry = '', mac = '', ...rest] = Buffer.from(signature, 'base64url').toString('latin1').split('.');
  if (version !== VERSION || !/^\d{1,15}$/.test(expiry) || rest.length > 0) return false;
  const isValid = isEqual(mac, signMessage(secret, `${VERSION}.${expiry}.${storageId}`));
  return isValid && (Number(expiry) === 0 || Date.now() < Number(expiry));
}

/** Tells whether a signature opens a record. */
export function isRecordSignature(secret: string, key: string, signature: string): boolean {
  return isEqual(signature, signMessage(secret, key));
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
