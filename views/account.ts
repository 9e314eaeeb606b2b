import { html } from './html.ts';
import type { Viewer } from './layout.ts';

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
      <form method="post" action="/sign-out">
        <input type="hidden" name="csrf" value=${viewer.csrfToken} />
        <button class="quiet">Sign out</button>
      </form>
    </div>
  </div>`;
}
