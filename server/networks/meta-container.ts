// Threads and Instagram publish in two steps: a container is made and fetches the pictures, then it is published, once.
// https://developers.facebook.com/documentation/threads/reference/publishing,
// https://developers.facebook.com/documentation/instagram-platform/content-publishing (checked 2026-11)
// Its status says whether it was published, so whatever becomes of the call, the same container never makes two posts.
import { createHash } from 'node:crypto';

import { z } from 'zod';

import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { isGone } from './meta-insights.ts';
import type { Part, PartMedia, PrepareCall } from './network.ts';
import { NetworkError } from './network-error.ts';

/** What differs between the two. */
export interface ContainerApi {
  /** Below the account: where containers are made, and where they are published. */
  createEdge: string;
  publishEdge: string;
  statusFields: string;
  /** The forms of what is made. */
  formOfPost(part: Part, picture: PartMedia | undefined): Record<string, string>;
  formOfCarouselItem(picture: PartMedia): Record<string, string>;
  formOfCarousel(part: Part, children: readonly string[]): Record<string, string>;
  /** @throws NetworkError rate_limited when nothing more may be published for now */
  assertQuota(session: MetaSession, account: string, part: Part): Promise<void>;
}

type ContainerStatus = 'IN_PROGRESS' | 'FINISHED' | 'PUBLISHED' | 'ERROR' | 'EXPIRED';

/** Kept from try to try. */
const preparedSchema = z.object({
  /** SHA-256 of what it was made from, hex. */
  madeFrom: z.string(),
  /** Containers of the single pictures, first picture first; not all of them when it stopped half way. */
  children: z.array(metaId).default([]),
  creationId: metaId.optional(),
});
type Prepared = z.infer<typeof preparedSchema>;

const created = z.object({ id: metaId });
const STATUSES = ['IN_PROGRESS', 'FINISHED', 'PUBLISHED', 'ERROR', 'EXPIRED'] as const;
/** Threads calls it `status`; Instagram `status_code`, and writes prose in `status`. */
const statusAnswer = z.union([
  z.object({ status_code: z.enum(STATUSES) }).transform((answer) => answer.status_code),
  z.object({ status: z.enum(STATUSES) }).transform((answer) => answer.status),
]);

/**
 * The container of a part, ready to be published. One that an earlier try made from the same is taken again, whatever came
 * of that try; a new one is made only where the network says that the old one can never be published. One that it no longer
 * knows may have been published before.
 * @throws NetworkError rejected `container_gone` when nobody has looked whether it was
 */
export async function prepareContainer(
  api: ContainerApi,
  session: MetaSession,
  { channel, part, isMaybeSent }: PrepareCall,
): Promise<Prepared> {
  const account = channel.remoteAccountId;
  const madeFrom = fingerprintOf(part);
  const known = preparedSchema.safeParse(part.prepared).data;
  let prepared: Prepared = known?.madeFrom === madeFrom ? known : { madeFrom, children: [] };
  const keep = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof NetworkError ? withPrepared(error, prepared) : error;
    }
  };
  const create = async (form: Record<string, string>) => {
    const call = { method: 'POST', path: `${account}/${api.createEdge}`, form } as const;
    return (await keep(callMeta(session, call, created))).id;
  };
  if (prepared.creationId) {
    // What is over a day old may be gone.
    const status = await keep(readStatus(api, session, prepared.creationId)).catch((error: unknown) => {
      if (!isGone(error)) throw error;
      if (isMaybeSent) throw withPrepared(gone(session), prepared);
      return 'EXPIRED';
    });
    if (status === 'FINISHED' || status === 'PUBLISHED') return prepared;
    if (status === 'IN_PROGRESS') throw withPrepared(notReady(session), prepared);
    prepared = { madeFrom, children: [] };
  }
  assertReachable(session, part.media);
  await keep(api.assertQuota(session, account, part));
  if (part.media.length < 2) {
    prepared = { ...prepared, creationId: await create(api.formOfPost(part, part.media[0])) };
    // Text alone is ready at once, and looked at again before it is published.
    if (part.media.length === 0) return prepared;
  } else {
    for (const picture of part.media.slice(prepared.children.length)) {
      const child = await create(api.formOfCarouselItem(picture));
      prepared = { ...prepared, children: [...prepared.children, child] };
    }
    const { children } = prepared;
    const statuses = await keep(Promise.all(children.map((id) => readStatus(api, session, id))));
    assertReady(session, statuses, prepared, madeFrom);
    prepared = { ...prepared, creationId: await create(api.formOfCarousel(part, children)) };
  }
  assertReady(session, [await keep(readStatus(api, session, prepared.creationId!))], prepared, madeFrom);
  return prepared;
}

/** @throws NetworkError not_sent: still working (the containers are kept), or failed (the next try makes new ones) */
function assertReady(
  session: MetaSession,
  statuses: readonly ContainerStatus[],
  prepared: Prepared,
  madeFrom: string,
): void {
  if (statuses.some((status) => status === 'ERROR' || status === 'EXPIRED')) {
    const why = `${session.name} could not work with a picture of the post.`;
    throw new NetworkError('not_sent', 'container_failed', why, { prepared: { madeFrom, children: [] } });
  }
  if (statuses.includes('IN_PROGRESS')) throw withPrepared(notReady(session), prepared);
}

/**
 * Publishes the container, once. It is looked at first: one that is published already is not published again.
 * @returns the id of the post
 */
export async function publishContainer(
  api: ContainerApi,
  session: MetaSession,
  account: string,
  part: Part,
): Promise<string> {
  const creationId = creationIdOf(part);
  const status = await readStatus(api, session, creationId).catch((error: unknown) => {
    throw asNotSent(error);
  });
  if (status === 'PUBLISHED') {
    throw new NetworkError('duplicate', 'container_published', `${session.name} has published it already.`);
  }
  if (status === 'IN_PROGRESS') throw notReady(session);
  if (status !== 'FINISHED') {
    const why = `What was prepared on ${session.name} can no longer be published.`;
    throw new NetworkError('not_sent', 'container_expired', why);
  }
  const form = { creation_id: creationId };
  const call = { method: 'POST', path: `${account}/${api.publishEdge}`, form } as const;
  return (await callMeta(session, call, created)).id;
}

/** @throws NetworkError ambiguous `still_publishing` */
export async function isContainerPublished(
  api: ContainerApi,
  session: MetaSession,
  part: Part,
): Promise<boolean> {
  const status = await readStatus(api, session, creationIdOf(part));
  if (status === 'IN_PROGRESS') {
    throw new NetworkError('ambiguous', 'still_publishing', `${session.name} is still at it.`);
  }
  return status === 'PUBLISHED';
}

async function readStatus(
  { statusFields }: ContainerApi,
  session: MetaSession,
  creationId: string,
): Promise<ContainerStatus> {
  const call = { method: 'GET', path: creationId, query: { fields: statusFields } } as const;
  return callMeta(session, call, statusAnswer);
}

export function creationIdOf(part: Part): string {
  const { creationId } = preparedSchema.parse(part.prepared);
  if (!creationId) throw new Error(`part ${part.partNo} of ${part.deliveryId} has no container`);
  return creationId;
}

/** The same text, pictures and place in a thread: addresses of pictures differ from try to try, and count for nothing. */
function fingerprintOf({ text, media, earlier }: Part): string {
  const pictures = media.map(({ contentHash, altText }) => [contentHash, altText]);
  const source = JSON.stringify([text, pictures, earlier.at(-1)?.remoteId ?? null]);
  return createHash('sha256').update(source).digest('hex');
}

/** @throws NetworkError rejected `public_address_missing` */
function assertReachable({ name }: MetaSession, media: readonly PartMedia[]): void {
  if (media.every(({ publicUrl }) => publicUrl !== null)) return;
  throw new NetworkError(
    'rejected',
    'public_address_missing',
    `${name} fetches pictures by itself, and this server has no address on the internet. Whoever runs it sets PUBLIC_URL to one that starts with https.`,
  );
}

function notReady({ name }: MetaSession): NetworkError {
  return new NetworkError('not_sent', 'media_not_ready', `${name} is still working on the pictures.`);
}

function gone({ name }: MetaSession): NetworkError {
  return new NetworkError('rejected', 'container_gone', `${name} no longer knows whether it published this.`);
}

function withPrepared(error: NetworkError, prepared: Prepared): NetworkError {
  const { kind, code, message, until, binds, cause } = error;
  return new NetworkError(kind, code, message, { until, binds, cause, prepared: error.prepared ?? prepared });
}

/** Of a call that publishes nothing, an unclear answer is as good as none. */
function asNotSent(error: unknown): unknown {
  if (!(error instanceof NetworkError) || error.kind !== 'ambiguous') return error;
  return new NetworkError('not_sent', error.code, error.message, { cause: error });
}
