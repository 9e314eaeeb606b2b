import { Account } from './account.ts';
import { html, type Children } from './html.ts';
import { ENGLISH } from './words/english.ts';
import type { Words } from './words/words.ts';

export type Section =
  | 'home'
  | 'posts'
  | 'campaigns'
  | 'media'
  | 'connections'
  | 'channels'
  | 'playground'
  | 'activity'
  | 'people';

/** Who looks at the page, in which team. */
export interface Viewer {
  personName: string;
  email: string;
  team: { id: string; name: string };
  teams: readonly { id: string; name: string }[];
  /** Goes into every form. */
  csrfToken: string;
}

export interface LayoutProps {
  title: string;
  /** Signed-in pages; without it the page has the logo and no navigation. */
  viewer?: Viewer | undefined;
  section?: Section;
  /** The way back, above the heading. */
  back?: { href: string; label: string };
  /** Where the browser goes by itself (`<meta http-equiv="refresh">`), for pages that cannot redirect. */
  refreshTo?: string;
  /** wide: lists and overviews; narrow: one form or one message. */
  width?: 'wide' | 'narrow';
  /** Names of modules in views/assets, without `.js`. */
  scripts?: readonly string[];
  /** Names of style sheets in views/assets, without `.css`, for what only this page has. */
  styles?: readonly string[];
  /** The language of a page that speaks several. */
  words?: Pick<Words, 'language' | 'skipToContent'>;
  children?: Children;
}

const SECTIONS: readonly { id: Section; href: string; label: string }[] = [
  { id: 'home', href: '/', label: 'Home' },
  { id: 'posts', href: '/posts', label: 'Posts' },
  { id: 'campaigns', href: '/campaigns', label: 'Campaigns' },
  { id: 'media', href: '/media', label: 'Media' },
  { id: 'connections', href: '/connections', label: 'Connections' },
  { id: 'channels', href: '/channels', label: 'Channels' },
  { id: 'playground', href: '/playground', label: 'Playground' },
  { id: 'activity', href: '/activity', label: 'Activity' },
  { id: 'people', href: '/people', label: 'People' },
];

/** The shell of every page: head, skip link, header, main with the way back. The children bring the one h1. */
export function Layout({
  title,
  viewer,
  section,
  back,
  refreshTo,
  width = 'wide',
  scripts = [],
  styles = [],
  words = ENGLISH,
  children,
}: LayoutProps) {
  return html`<html lang=${words.language}>
    <head>
      <meta charset="utf-8" />
      <title>${title} · Grantcast</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      ${refreshTo && html`<meta http-equiv="refresh" content=${`0;url=${refreshTo}`} />`}
      <link rel="icon" href="/assets/logo.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/tokens.css" />
      <link rel="stylesheet" href="/assets/grantcast.css" />
      ${styles.map((name) => html`<link rel="stylesheet" href=${`/assets/${name}.css`} />`)}
      ${scripts.map((name) => html`<script type="module" src=${`/assets/${name}.js`}></script>`)}
    </head>
    <body>
      <a class="skip" href="#main">${words.skipToContent}</a>
      <header class="top">
        <a class="logo" href="/"><img src="/assets/logo.svg" alt="" width="30" height="30" />Grantcast</a>
        ${viewer && html`<${Navigation} section=${section} />`}
        ${viewer && html`<${Account} viewer=${viewer} />`}
      </header>
      <main id="main" class=${width} tabindex="-1">
        ${back && html`<p class="back"><a href=${back.href}>${back.label}</a></p>`} ${children}
      </main>
    </body>
  </html>`;
}

function Navigation({ section }: { section?: Section }) {
  return html`<div class="menu">
    <button class="quiet" type="button" popovertarget="sections">Menu</button>
    <nav id="sections" popover aria-label="Sections">
      <ul>
        ${SECTIONS.map(
          ({ id, href, label }) =>
            html`<li key=${id}>
              <a href=${href} aria-current=${id === section ? 'page' : undefined}>${label}</a>
            </li>`,
        )}
      </ul>
    </nav>
  </div>`;
}
