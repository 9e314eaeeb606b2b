import { useContext } from 'preact/hooks';

import { Account } from './account.ts';
import { html, type Children } from './html.ts';
import { Icon, type IconName } from './icon.ts';
import { ThemeContext } from './theme.ts';
import { ENGLISH } from './words/english.ts';
import type { Words } from './words/words.ts';

export type Section =
  | 'home'
  | 'calendar'
  | 'approvals'
  | 'posts'
  | 'campaigns'
  | 'media'
  | 'analytics'
  | 'connections'
  | 'channels'
  | 'playground'
  | 'activity'
  | 'team';

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
  /** full: what has many columns; wide: lists and overviews; narrow: one form or one message. */
  width?: 'full' | 'wide' | 'narrow';
  /** Names of modules in views/assets, without `.js`. */
  scripts?: readonly string[];
  /** Names of style sheets in views/assets, without `.css`, for what only this page has. */
  styles?: readonly string[];
  /** The language of a page that speaks several. */
  words?: Pick<Words, 'language' | 'skipToContent'>;
  children?: Children;
}

interface SectionLink {
  id: Section;
  href: string;
  label: string;
  icon: IconName;
  /** Begins a group of its own. */
  isApart?: boolean;
}

const SECTIONS: readonly SectionLink[] = [
  { id: 'home', href: '/', label: 'Home', icon: 'house' },
  { id: 'calendar', href: '/calendar', label: 'Calendar', icon: 'calendar-days' },
  { id: 'approvals', href: '/approvals', label: 'Approvals', icon: 'shield-check' },
  { id: 'posts', href: '/posts', label: 'Posts', icon: 'file-text' },
  { id: 'campaigns', href: '/campaigns', label: 'Campaigns', icon: 'megaphone' },
  { id: 'media', href: '/media', label: 'Media', icon: 'image' },
  { id: 'analytics', href: '/analytics', label: 'Analytics', icon: 'chart-line' },
  { id: 'channels', href: '/channels', label: 'Channels', icon: 'radio', isApart: true },
  { id: 'connections', href: '/connections', label: 'Connections', icon: 'plug' },
  { id: 'activity', href: '/activity', label: 'Activity', icon: 'activity' },
  { id: 'team', href: '/team', label: 'Team', icon: 'users' },
  { id: 'playground', href: '/playground', label: 'Playground', icon: 'shapes', isApart: true },
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
  const theme = useContext(ThemeContext);
  return html`<html lang=${words.language} data-theme=${theme === 'system' ? undefined : theme}>
    <head>
      <meta charset="utf-8" />
      <title>${title} · Grantcast</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content=${theme === 'system' ? 'light dark' : theme} />
      ${refreshTo && html`<meta http-equiv="refresh" content=${`0;url=${refreshTo}`} />`}
      <link rel="icon" href="/assets/logo.svg" type="image/svg+xml" />
      ${['site', ...styles].map((name) => html`<link rel="stylesheet" href=${`/assets/${name}.css`} />`)}
      ${scripts.map((name) => html`<script type="module" src=${`/assets/${name}.js`}></script>`)}
    </head>
    <body class=${viewer ? 'signed-in' : undefined} data-team=${viewer?.team.id}>
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
          ({ id, href, label, icon, isApart }) =>
            html`<li key=${id} class=${isApart ? 'apart' : undefined}>
              <a href=${href} aria-current=${id === section ? 'page' : undefined}
                ><${Icon} name=${icon} />${label}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
  </div>`;
}
