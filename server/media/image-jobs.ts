import { z } from 'zod';

import type { CardSpec, RenditionSpec } from './image-engine.ts';
import type { PictureFormat } from './picture-format.ts';

export type ImageJob =
  | { kind: 'normalise'; bytes: Uint8Array; format: PictureFormat }
  | { kind: 'render'; bytes: Uint8Array; format: PictureFormat; spec: RenditionSpec }
  | { kind: 'card'; card: CardSpec };

const refusalSchema = z.enum([
  'damaged',
  'too_many_pixels',
  'hardly_any_bytes',
  'over_time',
  'over_memory',
  'does_not_fit',
]);

/** Why the image process did not do a job. */
export type ImageRefusal = z.infer<typeof refusalSchema>;

const usageSchema = z.object({
  /** Of this job. */
  cpuMs: z.number(),
  /** The most that was seen to be resident while the job ran. */
  peakRssBytes: z.number(),
  /** At the end of the job. */
  rssBytes: z.number(),
});

export type ImageUsage = z.infer<typeof usageSchema>;

/** What the image process sends. It decodes what strangers made, so its word is read as theirs. */
export const imageAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('done'),
    bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
    mimeType: z.enum(['image/jpeg', 'image/png', 'image/webp', 'image/gif']),
    width: z.int().min(1).max(20_000),
    height: z.int().min(1).max(20_000),
    /** Of an animated picture only the first frame is kept. */
    wasAnimated: z.boolean(),
    usage: usageSchema,
  }),
  z.object({ kind: z.literal('refused'), refusal: refusalSchema, usage: usageSchema }),
]);

export type ImageAnswer = z.infer<typeof imageAnswerSchema>;
