// What X charges for a post that a program makes, one price with a link in it and one without:
// https://docs.x.com/x-api/getting-started/pricing (checked 2026-11-21).
import type { Price } from './network.ts';
import type { RuleSource } from './network-rules.ts';
import { findLinks } from './text-entities.ts';

export const X_PRICE_SOURCE: RuleSource = {
  url: 'https://docs.x.com/x-api/getting-started/pricing',
  checkedAt: '2026-11-21',
};

/** In tenths of a US cent. */
export const X_POST_MILLS = 15;
export const X_LINK_POST_MILLS = 200;

/** Each part of a thread is a post. */
export function priceXPosts(texts: readonly string[]): Price {
  const mills = texts.map((text) => (findLinks(text).length > 0 ? X_LINK_POST_MILLS : X_POST_MILLS));
  return {
    amount: mills.reduce((sum, price) => sum + price, 0) / 1000,
    currency: 'USD',
    source: X_PRICE_SOURCE,
  };
}

/** `$0.015` */
export function writeMills(mills: number): string {
  return `$${(mills / 1000).toFixed(3)}`;
}
