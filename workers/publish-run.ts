import type { Context } from '../server/context.ts';

/** What the steps over one delivery know of each other. */
export interface PublishRun {
  /** New credentials were got in this run already; a second refusal is final. */
  hasRefreshed: boolean;
  /** By `performance.now`: what is not known by then is not waited for. */
  waitsUntil: number;
}

/** The last tenth of a lease is for writing down what became of the delivery. */
const SHARE_OF_LEASE = 0.9;

/** @param begunAt when the lease began, by `performance.now` */
export function waitsUntil({ config }: Context, begunAt: number): number {
  return begunAt + config.publishing.leaseSeconds * 1000 * SHARE_OF_LEASE;
}

/** New credentials are waited for no longer than this, so that as much of the lease remains for what needs them. */
export function halfUntil(run: PublishRun): number {
  return (performance.now() + run.waitsUntil) / 2;
}
