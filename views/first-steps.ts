import { Card, LinkButton } from './components.ts';
import { html } from './html.ts';

/** How to add this server to an editor, while none is connected. */
export function FirstSteps({ mcpUrl }: { mcpUrl: string }) {
  const vsCode = `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: 'grantcast', type: 'http', url: mcpUrl }))}`;
  return html`<${Card} title="Connect your editor">
    <p>
      Add this address to your editor. It opens your browser once, you approve, and from then on it works with
      this team.
    </p>
    <${CopyField} id="mcp-url" label="MCP address" value=${mcpUrl} />
    <${CopyField}
      id="claude-command"
      label="Claude Code, in a terminal"
      value=${`claude mcp add --transport http grantcast ${mcpUrl}`}
    />
    <p><${LinkButton} href=${vsCode} look="primary">Add to VS Code<//></p>
  <//>`;
}

function CopyField({ id, label, value }: { id: string; label: string; value: string }) {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class="copy"><input id=${id} type="text" readonly data-copy value=${value} /></div>
  </div>`;
}
