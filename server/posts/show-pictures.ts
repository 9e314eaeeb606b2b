import type { Context } from '../context.ts';
import { mediaThumbnailPath, renditionPath } from '../media/media-urls.ts';
import type { CropBox } from '../media/plan-rendition.ts';
import { checkCaption, type CaptionProblem } from './check-caption.ts';
import { findPrice } from './find-price.ts';
import { findUnreachablePictures } from './find-unreachable-pictures.ts';
import { fitPictures, type FittedPicture } from './fit-pictures.ts';
import type { DeliveryDetails, PostDetails } from './get-post.ts';
import type { PostPicture } from './post-pictures.ts';
import { showText, type ShownPart } from './show-text.ts';

/** A picture as a page shows it: what the network gets, or from the library what it would get. */
export interface ShownPicture {
  /** Null for what is not kept any more. */
  src: string | null;
  /** Null where nobody described it. */
  altText: string | null;
  /** What the network gets, in pixels. */
  width: number;
  height: number;
  mimeType: string;
  /** What `src` still has to be cut to, as shares of it. */
  crop: CropBox | null;
  fit: FittedPicture['fit'];
}

export interface ShownContent {
  /** What the network makes of the words, part by part. */
  text: ShownPart[];
  pictures: ShownPicture[];
  /** What keeps it from going out, and what people trip over; none for what has gone out. */
  problems: CaptionProblem[];
}

const OVER: ReadonlySet<string> = new Set([
  'published',
  'taken_down',
  'unknown',
  'needs_attention',
  'sending',
]);

/** The words, pictures and problems of a post, by delivery. */
export async function showPictures(context: Context, post: PostDetails): Promise<Map<string, ShownContent>> {
  const made = await context.db.rendition.findMany({ where: { postId: post.id } });
  const shown = await Promise.all(
    post.deliveries.map(async (delivery): Promise<[string, ShownContent]> => {
      const fits = fitPictures(delivery, post.pictures);
      const rev = OVER.has(delivery.state) ? delivery.rev : post.rev;
      const pictures = fits.pictures.map((fitted, index): ShownPicture => {
        const position = index + 1;
        const rendition = made.find(
          (one) => one.rev === rev && one.channelId === delivery.channelId && one.position === position,
        );
        // It went out, whatever became of the picture in the library since.
        const fit = OVER.has(delivery.state) ? 'will_convert' : fitted.fit;
        if (!rendition) return fromLibrary(post.pictures[index]!, { ...fitted, fit });
        const { width, height, mimeType } = rendition;
        return { ...fitted, fit, width, height, mimeType, crop: null, src: renditionPath(rendition) };
      });
      const text = await showText(delivery, delivery.parts, pictures.length);
      return [
        delivery.id,
        { text, pictures, problems: findProblems(context, delivery, post, fits.problems) },
      ];
    }),
  );
  return new Map(shown);
}

/** Pictures as a network would get them, drawn from the library: nothing was made for it yet. */
export function showDraftPictures(
  pictures: readonly PostPicture[],
  fitted: readonly FittedPicture[],
): ShownPicture[] {
  return fitted.map((picture, index) => fromLibrary(pictures[index]!, picture));
}

function findProblems(
  context: Context,
  delivery: DeliveryDetails,
  post: PostDetails,
  pictureProblems: readonly CaptionProblem[],
): CaptionProblem[] {
  if (OVER.has(delivery.state)) return [];
  return [
    ...checkCaption(delivery, delivery.parts, post.pictures).problems,
    ...pictureProblems,
    ...findUnreachablePictures(context, delivery, post.pictures.length),
    ...findPrice(context, delivery, delivery.parts),
  ];
}

function fromLibrary(
  { mediaId: id, contentHash, isDeleted }: PostPicture,
  fitted: FittedPicture,
): ShownPicture {
  return { ...fitted, src: isDeleted ? null : mediaThumbnailPath({ id, contentHash }) };
}
