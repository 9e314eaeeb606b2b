import { invalidInput, type AppError } from '../errors.ts';
import type { ImageRefusal } from './image-jobs.ts';

const TOO_HEAVY = 'Save it smaller, as a JPEG of at most 20 megapixels for example, and try again.';

const REFUSALS: Record<ImageRefusal, { code: string; message: string }> = {
  damaged: {
    code: 'image_refused',
    message:
      'This picture cannot be decoded: it is damaged, cut off, or not of the format its first bytes say.',
  },
  too_many_pixels: {
    code: 'image_too_large',
    message: `This picture has too many pixels. ${TOO_HEAVY}`,
  },
  hardly_any_bytes: {
    code: 'image_too_large',
    message: `This picture unpacks to far more pixels than a file of its size should. ${TOO_HEAVY}`,
  },
  over_time: { code: 'image_too_large', message: `This picture takes too long to decode. ${TOO_HEAVY}` },
  over_memory: {
    code: 'image_too_large',
    message: `This picture takes too much memory to decode. ${TOO_HEAVY}`,
  },
  does_not_fit: {
    code: 'image_too_heavy',
    message: 'This picture has too many bytes, however small it is made.',
  },
};

/** For the person who gave the picture: nothing in it comes from the picture. */
export function explainRefusal(refusal: ImageRefusal): AppError {
  return invalidInput(REFUSALS[refusal]);
}
