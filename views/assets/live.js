// What changes on the server is shown without a reload: each `[data-live]` block is asked for again and put in place of
// itself. What a person typed, opened or stands on stays.
import { Idiomorph } from '/assets/idiomorph.js';

const SHORTEST_PAUSE_MS = 1000;
let isAsking = false;
let isStale = false;

async function refresh() {
  if (isAsking) {
    isStale = true;
    return;
  }
  isAsking = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (answer.ok && !answer.redirected) {
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const block of document.querySelectorAll('[data-live]')) {
        const next = fresh.getElementById(block.id);
        if (next) Idiomorph.morph(block, next, { ignoreActiveValue: true, callbacks: { beforeNodeMorphed } });
      }
    }
  } catch {
    // The server is away for a moment; the stream says when it is back.
  }
  setTimeout(() => {
    isAsking = false;
    if (!isStale) return;
    isStale = false;
    refresh();
  }, SHORTEST_PAUSE_MS);
}

/** A field that a person has changed is theirs. */
function beforeNodeMorphed(node) {
  return !(node instanceof HTMLElement && node.matches('input, textarea') && node.value !== node.defaultValue);
}

if (document.querySelector('[data-live]')) {
  const stream = new EventSource('/live');
  let hasOpened = false;
  stream.addEventListener('open', () => {
    // Whatever happened while the stream was broken is caught up on.
    if (hasOpened) refresh();
    hasOpened = true;
  });
  stream.addEventListener('change', refresh);
}
