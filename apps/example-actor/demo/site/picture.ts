import { crc32, deflateSync } from 'node:zlib';

/** A grainy PNG of a lighthouse at dusk, drawn in code: real bytes without a binary file in the repository. */
export function drawLighthouse(width: number, hue: number): Buffer {
  const height = Math.round(width * 0.6);
  const rows = Array.from({ length: height }, (_, y) =>
    // Each row starts with its filter: 0, none.
    Buffer.from([
      0,
      ...Array.from({ length: width }, (_pixel, x) => colourAt(x / width, y / height, hue + grainAt(x, y))).flat(),
    ]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, nothing unusual
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** Noise that is the same every time. */
function grainAt(x: number, y: number): number {
  return (Math.sin(x * 12.9898 + y * 78.233) * 43_758.5453) % 24;
}

function colourAt(x: number, y: number, hue: number): number[] {
  const tower = Math.abs(x - 0.5) < 0.05 + y * 0.05 && y > 0.25;
  if (tower) return Math.floor(y * 12) % 2 ? [236, 232, 222] : [196, 58, 48];
  if (Math.abs(x - 0.5) < 0.04 && y > 0.17) return [255, 236, 150];
  if (y > 0.8) return [24, 44, 66];
  const beam = Math.abs(y - 0.21) < Math.abs(x - 0.5) * 0.22 ? 50 : 0;
  return [40 + beam + hue * y, 60 + beam + 90 * y, 120 + beam / 2 + (255 - hue) * 0.3 * y].map(Math.round);
}
