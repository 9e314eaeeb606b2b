import { Button, Card, Form, LinkButton } from './components.ts';
import { html, type Children } from './html.ts';
import { Icon } from './icon.ts';

export interface FirstStepsProps {
  mcpUrl: string;
  csrfToken: string;
  teamId: string;
  /** A client of this person may act for the team. */
  isAllowed: boolean;
  /** Such a client has called. */
  hasCalled: boolean;
  isLinked: boolean;
  hasPractised: boolean;
  /** An owner or editor; who only looks connects an editor, and no more. */
  mayAct: boolean;
}

/** What to do first; each step is ticked off by having been done. */
export function FirstSteps(props: FirstStepsProps) {
  const { mayAct, hasCalled, isLinked, hasPractised } = props;
  const isDone = hasCalled && (!mayAct || (isLinked && hasPractised));
  return html`<${Card} title=${isDone ? 'You are set up' : 'First steps'}>
    <ol class="steps">
      <${Step} title="Connect your editor" isDone=${hasCalled}>
        ${
          hasCalled
            ? html`<p class="hint">Its first call has come.</p>`
            : html`<${Connect} mcpUrl=${props.mcpUrl} isAllowed=${props.isAllowed} />`
        }
      <//>
      ${
        mayAct &&
        html`<${Step} title="Link a channel" isDone=${isLinked}>
          <p class="hint">An account on a network, to which posts go out.</p>
          ${!isLinked && html`<p><${LinkButton} href="/channels">Choose a network<//></p>`}
        <//>`
      }
      ${
        mayAct &&
        html`<${Step} title="Publish to the Playground" isDone=${hasPractised}>
          <p class="hint">
            A network inside this server that only your team sees. Ask your editor: “Publish a hello to the
            Playground.”
          </p>
          ${hasPractised && html`<p><a href="/playground">See it there</a></p>`}
        <//>`
      }
    </ol>
    <${Form} action="/first-steps" csrfToken=${props.csrfToken}>
      <input type="hidden" name="team" value=${props.teamId} />
      <${Button} look="plain" name="show" value="no">Put the first steps away<//>
    <//>
  <//>`;
}

/** How to add this server to an editor, by itself. */
export function ConnectEditor({ mcpUrl }: { mcpUrl: string }) {
  return html`<${Card} title="Connect your editor">
    <${Connect} mcpUrl=${mcpUrl} isAllowed=${false} />
  <//>`;
}

/** The way back to what was put away. */
export function ShowFirstSteps({ csrfToken, teamId }: { csrfToken: string; teamId: string }) {
  return html`<${Form} action="/first-steps" csrfToken=${csrfToken}>
    <input type="hidden" name="team" value=${teamId} />
    <${Button} look="plain" name="show" value="yes">Show the first steps<//>
  <//>`;
}

function Step({ title, isDone, children }: { title: string; isDone: boolean; children?: Children }) {
  return html`<li data-done=${isDone ? '' : undefined}>
    <${Icon} name=${isDone ? 'circle-check' : 'circle'} />
    <div>
      <h3>${title}<span class="hidden">${isDone ? ': done' : ': to do'}</span></h3>
      ${children}
    </div>
  </li>`;
}

function Connect({ mcpUrl, isAllowed }: { mcpUrl: string; isAllowed: boolean }) {
  return html`<div class="connect">
    <p>
      Add this address to your editor. It opens your browser once, you approve, and from then on it works with
      this team.
    </p>
    <${CopyField} id="mcp-url" label="MCP address" value=${mcpUrl} />
    <div class="actions">
      <${LinkButton} href=${toVsCode(mcpUrl)} look="primary">Add to VS Code<//>
      <${LinkButton} href=${toCursor(mcpUrl)}>Add to Cursor<//>
    </div>
    <${Client} name="Claude Code">
      <${CopyField}
        id="claude-command"
        label="Claude Code, in a terminal"
        value=${`claude mcp add --transport http grantcast ${mcpUrl}`}
      />
      <p class="hint">Then type /mcp in it and choose grantcast to sign in.</p>
    <//>
    <${Client} name="Codex">
      <${CopyField}
        id="codex-command"
        label="Codex, in a terminal"
        value=${`codex mcp add grantcast --url ${mcpUrl}`}
      />
    <//>
    <${Client} name="Claude, on the web and as an app">
      <ol>
        <li>Open Settings, then Connectors, and choose “Add custom connector”.</li>
        <li>Give it a name, put the MCP address in, and choose Add.</li>
        <li>Choose Connect, and approve in the page that opens.</li>
      </ol>
      <p class="hint">Claude calls from its own servers: the address must be reachable from the internet.</p>
    <//>
    <${Client} name="ChatGPT">
      <ol>
        <li>Open Settings, then Apps and Connectors, and turn on developer mode under Advanced settings.</li>
        <li>Choose Create, put the MCP address in, and take OAuth for the sign-in.</li>
        <li>Approve in the page that opens.</li>
      </ol>
      <p class="hint">ChatGPT calls from its own servers: the address must be reachable from the internet.</p>
    <//>
    <${Client} name="Another client">
      <p>
        Whatever speaks MCP over HTTP takes the address as it is. It needs no key: it asks you in the browser.
      </p>
    <//>
    <p class="waiting" role="status">
      <span class="badge" data-tone="note">
        ${isAllowed ? 'Allowed. Waiting for its first call…' : 'Waiting for your first call…'}
      </span>
      ${isAllowed && html`<span class="hint">Ask it: “Which channels can I publish to?”</span>`}
    </p>
  </div>`;
}

function Client({ name, children }: { name: string; children?: Children }) {
  return html`<details name="client">
    <summary>${name}</summary>
    <div class="more">${children}</div>
  </details>`;
}

function toVsCode(url: string): string {
  return `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: 'grantcast', type: 'http', url }))}`;
}

function toCursor(url: string): string {
  const config = btoa(JSON.stringify({ url }));
  return `cursor://anysphere.cursor-deeplink/mcp/install?name=grantcast&config=${encodeURIComponent(config)}`;
}

function CopyField({ id, label, value }: { id: string; label: string; value: string }) {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class="copy"><input id=${id} type="text" readonly data-copy value=${value} /></div>
  </div>`;
}
