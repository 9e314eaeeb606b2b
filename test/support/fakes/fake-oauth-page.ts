import type { FakeAccount } from './fake-oauth.ts';
import type { FakeAnswer } from './fake-server.ts';

/** What the network asks its own people: a form that a browser can press, with a button to refuse. */
export function authorizePage(page: {
  action: string;
  id: string;
  app: string;
  accounts: readonly FakeAccount[];
  scopes: readonly string[];
}): FakeAnswer {
  const accounts = page.accounts.map(
    ({ accountId, name }) => `<option value="${escape(accountId)}">${escape(name)}</option>`,
  );
  const scopes = page.scopes.map(
    (scope) =>
      `<label><input type="checkbox" name="scope" value="${escape(scope)}" checked> ${escape(scope)}</label>`,
  );
  return html(
    200,
    `<h1>Allow ${escape(page.app)}?</h1>
<form method="post" action="${escape(page.action)}">
<input type="hidden" name="request" value="${page.id}">
<label>Account <select name="account">${accounts.join('')}</select></label>
${scopes.join('\n')}
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Deny</button>
</form>`,
  );
}

/** Told on the network's own page: nothing may be sent to an address that nobody registered. */
export function refusalPage(message: string): FakeAnswer {
  return html(400, `<h1>${escape(message)}</h1>`);
}

function html(status: number, body: string): FakeAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in</title>${body}</html>`,
  };
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
