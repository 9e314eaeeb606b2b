import { useContext } from 'preact/hooks';

import { html } from './html.ts';
import { Icon, type IconName } from './icon.ts';
import type { Viewer } from './layout.ts';
import { ThemeContext, type Theme } from './theme.ts';

const THEME_LOOKS: readonly { theme: Theme; label: string; icon: IconName }[] = [
  { theme: 'system', label: 'System', icon: 'sun-moon' },
  { theme: 'light', label: 'Light', icon: 'sun' },
  { theme: 'dark', label: 'Dark', icon: 'moon' },
];

/** The corner with the team, the person and the way out. */
export function Account({ viewer }: { viewer: Viewer }) {
  const others = viewer.teams.filter((team) => team.id !== viewer.team.id);
  return html`<div class="menu">
    <button class="quiet" type="button" popovertarget="account">${viewer.team.name}</button>
    <div id="account" popover>
      <p>
        <strong>${viewer.personName}</strong><br />
        <small>${viewer.email}</small>
      </p>
      <p><a href="/account">Your account</a></p>
      ${
        others.length > 0 &&
        html`<form method="post" action="/team" aria-label="Switch team">
          <input type="hidden" name="csrf" value=${viewer.csrfToken} />
          ${others.map(
            (team) =>
              html`<button key=${team.id} class="quiet" name="team" value=${team.id}>
                Go to ${team.name}
              </button>`,
          )}
        </form>`
      }
      <${ThemeChoice} csrfToken=${viewer.csrfToken} />
      <form method="post" action="/sign-out">
        <input type="hidden" name="csrf" value=${viewer.csrfToken} />
        <button class="quiet">Sign out</button>
      </form>
    </div>
  </div>`;
}

function ThemeChoice({ csrfToken }: { csrfToken: string }) {
  const chosen = useContext(ThemeContext);
  return html`<form class="theme" method="post" action="/theme" aria-label="Light or dark">
    <input type="hidden" name="csrf" value=${csrfToken} />
    <div>
      ${THEME_LOOKS.map(
        ({ theme, label, icon }) =>
          html`<button
            key=${theme}
            name="theme"
            value=${theme}
            aria-pressed=${theme === chosen ? 'true' : 'false'}
          >
            <${Icon} name=${icon} /> ${label}
          </button>`,
      )}
    </div>
  </form>`;
}
