import { html, type Children } from './html.ts';

/** To what a network says is the address of a post; what is no web address leads nowhere. */
export function OutsideLink({ url, children }: { url: string | null; children?: Children }) {
  const isWebAddress = url !== null && /^https?:\/\//i.test(url);
  return isWebAddress ? html`<a href=${url}>${children}</a>` : html`<span>${children}</span>`;
}
