/** Pictures written byte by byte, for what no encoder would write. */
import { crc32, deflateSync } from 'node:zlib';

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** ISO/IEC 15948 (PNG), 5.3. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([latin1(type), data]);
  return Buffer.concat([u32(data.byteLength), body, u32(crc32(body))]);
}

export const PNG_SIGNATURE = latin1('\x89PNG\r\n\x1a\n');

interface PngInput {
  width: number;
  height: number;
  depth?: number;
  /** 0 grey, 2 RGB, 6 RGBA. */
  colourType?: number;
  before?: readonly Buffer[];
  data?: Buffer;
  after?: readonly Buffer[];
}

export function png({
  width,
  height,
  depth = 8,
  colourType = 2,
  before = [],
  data,
  after = [],
}: PngInput): Buffer {
  const header = Buffer.concat([u32(width), u32(height), Buffer.from([depth, colourType, 0, 0, 0])]);
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    ...before,
    pngChunk('IDAT', data ?? deflateSync(Buffer.alloc(4))),
    ...after,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The rows of a picture in one colour, deflated. */
export function flatRows(width: number, height: number, bytesPerPixel: number): Buffer {
  return deflateSync(Buffer.alloc((width * bytesPerPixel + 1) * height), { level: 9 });
}

/** ITU-T T.81 (JPEG), B.1.1.4. */
export function jpegSegment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.byteLength + 2, 2);
  return Buffer.concat([head, data]);
}

/** Segments put behind the start of a JPEG. */
export const withSegments = (jpeg: Buffer, ...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);

/** A JPEG whose frame header (of any process) says another size. */
export function withJpegSize(jpeg: Buffer, width: number, height: number, frame?: number): Buffer {
  const changed = Buffer.from(jpeg);
  let at = 2;
  while (at < changed.length && !(changed[at + 1]! >= 0xc0 && changed[at + 1]! <= 0xc2)) {
    at += 2 + changed.readUInt16BE(at + 2);
  }
  if (frame !== undefined) changed[at + 1] = frame;
  changed.writeUInt16BE(height, at + 5);
  changed.writeUInt16BE(width, at + 7);
  return changed;
}

/** The last scan of a progressive JPEG, many times over. */
export function repeatLastScan(jpeg: Buffer, times: number): Buffer {
  const start = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(start, jpeg.length - 2);
  return Buffer.concat([jpeg.subarray(0, -2), ...Array<Buffer>(times).fill(scan), jpeg.subarray(-2)]);
}

/** TIFF 6.0, section 2, little-endian: one directory, its entries given as bytes, and what follows them. */
export function exif(entries: readonly Buffer[], next: number, tail: Buffer = Buffer.alloc(0)): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  const nextAt = Buffer.alloc(4);
  nextAt.writeUInt32LE(next);
  return Buffer.concat([latin1('Exif\0\0II*\0\x08\0\0\0'), count, ...entries, nextAt, tail]);
}

export function exifEntry(tag: number, type: number, count: number, value: number): Buffer {
  const entry = Buffer.alloc(12);
  entry.writeUInt16LE(tag, 0);
  entry.writeUInt16LE(type, 2);
  entry.writeUInt32LE(count, 4);
  entry.writeUInt32LE(value, 8);
  return entry;
}

/** GIF89a, sections 18 to 23: frames of one pixel. */
export function gif(
  width: number,
  height: number,
  frames: number,
  extensions: readonly Buffer[] = [],
): Buffer {
  const screen = Buffer.alloc(7);
  screen.writeUInt16LE(width, 0);
  screen.writeUInt16LE(height, 2);
  screen[4] = 0x80;
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0]);
  return Buffer.concat([
    latin1('GIF89a'),
    screen,
    Buffer.from([0, 0, 0, 255, 255, 255]),
    ...extensions,
    ...Array<Buffer>(frames).fill(frame),
    Buffer.from([0x3b]),
  ]);
}

export function gifExtension(label: number, ...blocks: readonly string[]): Buffer {
  const data = blocks.map((block) => Buffer.concat([Buffer.from([block.length]), latin1(block)]));
  return Buffer.concat([Buffer.from([0x21, label]), ...data, Buffer.from([0])]);
}

/** An AVIF whose `ispe` box (ISO/IEC 23008-12, 6.5.3) says another size. */
export function withAvifSize(avif: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(avif);
  const at = changed.indexOf('ispe');
  changed.writeUInt32BE(width, at + 8);
  changed.writeUInt32BE(height, at + 12);
  return changed;
}

/** ISO base media file format: a box of any type. */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const data = Buffer.concat(content);
  return Buffer.concat([u32(data.length + 8), latin1(type), data]);
}
