import { gzipSync } from 'node:zlib';

import sharp from 'sharp';

import {
  box,
  exif,
  exifEntry,
  flatRows,
  gif,
  gifExtension,
  jpegSegment,
  png,
  pngChunk,
  PNG_SIGNATURE,
  withSegments,
} from './picture-bytes.ts';

/** Stands in everything that must not come through. */
export const MARKER = 'foreign-bytes-4711';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const SCRIPT = `<script>alert("${MARKER}")</script>`;
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/">${SCRIPT}</x:xmpmeta>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>${MARKER}</title>${SCRIPT}</svg>`;
const ZIP = latin1(`PK\x03\x04${MARKER}PK\x05\x06${'\0'.repeat(18)}`);

export interface Polyglot {
  name: string;
  bytes: Buffer;
  /** A picture in it is taken, and only that. */
  isPicture: boolean;
}

/** Thirty-two files that are something else too, or tell more than they show. */
export async function makePolyglots(): Promise<Polyglot[]> {
  const source = sharp({ create: { width: 32, height: 24, channels: 3, background: '#c05020' } });
  const [jpeg, webp, avif, tiff] = await Promise.all([
    source.clone().jpeg().toBuffer(),
    source.clone().webp().toBuffer(),
    source.clone().avif({ effort: 0 }).toBuffer(),
    source.clone().tiff().toBuffer(),
  ]);
  const drawing = { width: 32, height: 24, data: flatRows(32, 24, 3) };
  const tags = {
    IFD0: { Artist: MARKER },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1', GPSMapDatum: MARKER },
  };
  const gps = exif([exifEntry(0x010e, 2, MARKER.length, 26)], 0, latin1(MARKER));
  const refused: [string, Buffer][] = [
    ['SVG', latin1(SVG)],
    [
      'SVG behind an XML declaration and a byte order mark',
      latin1(`\xef\xbb\xbf<?xml version="1.0"?>${SVG}`),
    ],
    ['SVG, gzipped', gzipSync(SVG)],
    ['HTML', latin1(`<!doctype html>${SCRIPT}`)],
    ['PDF', latin1(`%PDF-1.7\n% ${MARKER}\n`)],
    ['TIFF', tiff],
    ['BMP', latin1(`BM${'\0'.repeat(60)}${MARKER}`)],
    ['ICO', latin1(`\0\0\x01\0\x01\0${'\0'.repeat(40)}${MARKER}`)],
    ['a script of drawing commands', latin1(`push graphic-context\nimage over 0,0 0,0 'url(${MARKER})'`)],
    ['HEIC', Buffer.concat([box('ftyp', latin1('heic\0\0\0\0mif1heic')), latin1(MARKER)])],
    ['MP4', Buffer.concat([box('ftyp', latin1('isom\0\0\0\0isommp42')), latin1(MARKER)])],
    ['WAVE', latin1(`RIFF\x24\0\0\0WAVEfmt ${MARKER}`)],
    ['HTML behind the first bytes of a JPEG', latin1(`\xff\xd8\xff${SCRIPT}`)],
    [
      'PHP behind the first bytes of a PNG',
      Buffer.concat([PNG_SIGNATURE, latin1(`<?php system("${MARKER}"); ?>`)]),
    ],
    ['JavaScript that begins as a GIF', latin1(`GIF89a=1;alert("${MARKER}")//`)],
    ['SVG behind the first bytes of a WebP', latin1(`RIFF\xff\0\0\0WEBP${SVG}`)],
  ];
  const pictures: [string, Buffer][] = [
    ['GIF with a Java archive behind it', Buffer.concat([gif(32, 24, 1), ZIP])],
    ['JPEG with a zip behind it', Buffer.concat([jpeg, ZIP])],
    ['PNG with a web page behind it', Buffer.concat([png(drawing), latin1(SCRIPT)])],
    ['WebP with a zip behind it', Buffer.concat([webp, ZIP])],
    [
      'JPEG with another JPEG behind it',
      Buffer.concat([jpeg, withSegments(jpeg, jpegSegment(0xfe, latin1(MARKER)))]),
    ],
    [
      'JPEG with a web page in a comment',
      withSegments(jpeg, jpegSegment(0xfe, latin1(`--><html>${SCRIPT}<!--`))),
    ],
    ['GIF with a web page in a comment', gif(32, 24, 1, [gifExtension(0xfe, SCRIPT)])],
    ['GIF with bytes for an application', gif(32, 24, 1, [gifExtension(0xff, 'XMP DataXMP', XMP)])],
    [
      'PNG with a script in a text',
      png({ ...drawing, before: [pngChunk('tEXt', latin1(`Comment\0${SCRIPT}`))] }),
    ],
    [
      'PNG with a script in XMP',
      png({ ...drawing, before: [pngChunk('iTXt', latin1(`XML:com.adobe.xmp\0\0\0\0\0${XMP}`))] }),
    ],
    ['PNG with a place in EXIF', png({ ...drawing, before: [pngChunk('eXIf', gps.subarray(6))] })],
    [
      'JPEG with a script in XMP',
      withSegments(jpeg, jpegSegment(0xe1, latin1(`http://ns.adobe.com/xap/1.0/\0${XMP}`))),
    ],
    ['JPEG with a place in EXIF', await sharp(jpeg).withExif(tags).toBuffer()],
    [
      'JPEG with words for the press',
      withSegments(jpeg, jpegSegment(0xed, latin1(`Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x18${MARKER}`))),
    ],
    [
      'JPEG with bytes in a colour profile',
      withSegments(jpeg, jpegSegment(0xe2, latin1(`ICC_PROFILE\0\x01\x01${MARKER}`))),
    ],
    [
      'AVIF with a place in EXIF and a colour profile',
      await sharp(avif).withExif(tags).withIccProfile('p3').avif({ effort: 0 }).toBuffer(),
    ],
  ];
  return [
    ...refused.map(([name, bytes]) => ({ name, bytes, isPicture: false })),
    ...pictures.map(([name, bytes]) => ({ name, bytes, isPicture: true })),
  ];
}
