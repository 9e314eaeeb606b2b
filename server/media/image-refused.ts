import type { ImageRefusal } from './image-jobs.ts';

/** Thrown inside the image process; its parent turns it into words. */
export class ImageRefused extends Error {
  readonly refusal: ImageRefusal;

  constructor(refusal: ImageRefusal) {
    super(refusal);
    this.name = 'ImageRefused';
    this.refusal = refusal;
  }
}
