import { deflateSync } from 'node:zlib';

import sharp, { type Sharp } from 'sharp';

import {
  box,
  exif,
  exifEntry,
  flatRows,
  gif,
  jpegSegment,
  png,
  pngChunk,
  PNG_SIGNATURE,
  repeatLastScan,
  withAvifSize,
  withJpegSize,
  withSegments,
} from './picture-bytes.ts';

const flat = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#808080' } });
const latin1 = (text: string) => Buffer.from(text, 'latin1');
/** Just within what a thin file may have. */
const [WIDE, HIGH] = [2304, 1728] as const;

/** Forty files that are small and cost much: each with what it is. */
export async function makeBombs(): Promise<[string, Buffer][]> {
  const inflated = deflateSync(Buffer.alloc(50_000_000), { level: 9 });
  const tiny = await flat(64, 64).jpeg().toBuffer();
  const large = await flat(WIDE, HIGH).jpeg().toBuffer();
  const progressive = await flat(1000, 1000).jpeg({ progressive: true }).toBuffer();
  const largeProgressive = await flat(WIDE, HIGH).jpeg({ progressive: true }).toBuffer();
  const webp = await flat(64, 64).webp().toBuffer();
  const avif = await flat(64, 64).avif({ effort: 0 }).toBuffer();
  const pixel = { width: 1, height: 1, data: flatRows(1, 1, 3) };
  const loop = exif([exifEntry(0x8769, 4, 1, 8)], 8);
  return [
    ['PNG, 100,000 by 100,000 by its header', png({ width: 100_000, height: 100_000 })],
    ['PNG, the largest size its header can say', png({ width: 0x7fffffff, height: 0x7fffffff })],
    [
      'PNG, 16,384 squared, 16 bits and alpha',
      png({ width: 16_384, height: 16_384, depth: 16, colourType: 6, data: inflated }),
    ],
    [
      'PNG, one pixel wide and a million high',
      png({ width: 1, height: 1_000_000, data: flatRows(1, 1_000_000, 3) }),
    ],
    [
      'PNG, 40 megapixels of one colour',
      png({ width: 6300, height: 6300, colourType: 0, data: flatRows(6300, 6300, 1) }),
    ],
    ['PNG, 4 megapixels of one colour', png({ width: WIDE, height: HIGH, data: flatRows(WIDE, HIGH, 3) })],
    [
      'PNG, 4 megapixels of 16 bits and alpha',
      png({ width: WIDE, height: HIGH, depth: 16, colourType: 6, data: flatRows(WIDE, HIGH, 8) }),
    ],
    ['PNG, 4 megapixels, interlaced', await flat(WIDE, HIGH).png({ progressive: true }).toBuffer()],
    [
      'PNG, 50 MB in a compressed text',
      png({ ...pixel, before: [pngChunk('zTXt', Buffer.concat([latin1('Comment\0\0'), inflated]))] }),
    ],
    [
      'PNG, 50 MB in a compressed international text',
      png({ ...pixel, before: [pngChunk('iTXt', Buffer.concat([latin1('Comment\0\x01\0\0\0'), inflated]))] }),
    ],
    [
      'PNG, 50 MB in a colour profile',
      png({ ...pixel, before: [pngChunk('iCCP', Buffer.concat([latin1('icc\0\0'), inflated]))] }),
    ],
    ['PNG, 50 MB behind one pixel', png({ width: 1, height: 1, data: inflated })],
    [
      'PNG, twenty thousand texts',
      png({ ...pixel, before: Array<Buffer>(20_000).fill(pngChunk('tEXt', latin1('a\0b'))) }),
    ],
    [
      'PNG, ten thousand frames',
      png({
        ...pixel,
        before: [pngChunk('acTL', Buffer.from([0, 0, 0x27, 0x10, 0, 0, 0, 0]))],
        after: Array<Buffer>(10_000).fill(pngChunk('fdAT', Buffer.alloc(16))),
      }),
    ],
    [
      'PNG, cut off in its rows',
      png({ width: 500, height: 500, data: flatRows(500, 500, 3).subarray(0, 200) }),
    ],
    [
      'PNG, a chunk as long as can be',
      Buffer.concat([PNG_SIGNATURE, Buffer.from('7fffffff49484452', 'hex')]),
    ],
    ['JPEG, 65,500 squared by its header', withJpegSize(tiny, 65_500, 65_500)],
    ['JPEG, 65,500 by 16', withJpegSize(tiny, 65_500, 16)],
    ['JPEG, 36 megapixels of one colour', await flat(6000, 6000).jpeg().toBuffer()],
    ['JPEG, 4 megapixels of one colour', large],
    ['JPEG, two thousand scans', repeatLastScan(progressive, 2000)],
    ['JPEG, 4 megapixels in five hundred scans', repeatLastScan(largeProgressive, 500)],
    ['JPEG, cut off in its header', tiny.subarray(0, 100)],
    ['JPEG, cut off in its scan', large.subarray(0, large.length / 2)],
    ['JPEG, 4 megapixels in CMYK', await flat(WIDE, HIGH).toColourspace('cmyk').jpeg().toBuffer()],
    ['JPEG, arithmetic coding by its header', withJpegSize(tiny, 4000, 4000, 0xc9)],
    ['JPEG, lossless by its header', withJpegSize(tiny, 4000, 4000, 0xc3)],
    ['JPEG, an EXIF directory that follows itself', withSegments(tiny, jpegSegment(0xe1, loop))],
    [
      'JPEG, an EXIF entry of four thousand million values',
      withSegments(tiny, jpegSegment(0xe1, exif([exifEntry(0x927c, 7, 0xffffffff, 26)], 0))),
    ],
    ['JPEG, EXIF in a thumbnail in a thumbnail, fifty deep', nestThumbnails(tiny, 50)],
    [
      'JPEG, ten thousand comments',
      withSegments(tiny, ...Array<Buffer>(10_000).fill(jpegSegment(0xfe, latin1('x')))),
    ],
    ['GIF, 65,535 squared by its header', gif(65_535, 65_535, 1)],
    ['GIF, thirty thousand frames', gif(1, 1, 30_000)],
    ['GIF, a thousand frames of 4 megapixels', gif(WIDE, HIGH, 1000)],
    ['GIF, cut off in its only frame', gif(2000, 2000, 1).subarray(0, -6)],
    ['WebP, 16,383 squared by its header', withWebpSize(webp)],
    ['WebP, 4 megapixels of one colour', await flat(WIDE, HIGH).webp().toBuffer()],
    ['AVIF, 40 megapixels in a few hundred bytes', await flat(6300, 6300).avif({ effort: 0 }).toBuffer()],
    ['AVIF, 65,000 squared by its header', withAvifSize(avif, 65_000, 65_000)],
    [
      'AVIF, boxes in boxes, a thousand deep',
      Buffer.concat([avif.subarray(0, avif.readUInt32BE(0)), nestBoxes(1000)]),
    ],
  ];
}

/** RFC 9649, 2.5: VP8 with the size in its key frame header. */
function withWebpSize(webp: Buffer): Buffer {
  const changed = Buffer.from(webp);
  const at = changed.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  changed.writeUInt16LE(16_383, at + 3);
  changed.writeUInt16LE(16_383, at + 5);
  return changed;
}

function nestThumbnails(jpeg: Buffer, depth: number): Buffer {
  let nested: Buffer = jpeg;
  for (let level = 0; level < depth; level += 1) {
    const entries = [exifEntry(0x0201, 4, 1, 38), exifEntry(0x0202, 4, 1, nested.length)];
    nested = withSegments(jpeg, jpegSegment(0xe1, exif(entries, 0, nested)));
  }
  return nested;
}

function nestBoxes(depth: number): Buffer {
  let nested = box('meta', Buffer.alloc(4));
  for (let level = 0; level < depth; level += 1) nested = box('meta', Buffer.alloc(4), nested);
  return nested;
}
