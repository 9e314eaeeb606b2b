// What changes on the server is shown without a reload: each `[data-live]` block is asked for again and put in place of
// itself. What a person typed, opened or stands on stays, and what a script added (`data-added`).
import { Idiomorph } from './idiomorph.js';

const SHORTEST_PAUSE_MS = 1000;
const AGAIN_MS = 60_000;
const callbacks = { beforeNodeMorphed, beforeNodeRemoved, beforeAttributeUpdated };
let stream;
let again;
let hasOpened = false;
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
      // Another tab looks at another team by now: its blocks are not put under this one's heading.
      if (fresh.body.dataset.team !== document.body.dataset.team) {
        location.reload();
        return;
      }
      for (const block of document.querySelectorAll('[data-live]')) {
        const next = fresh.getElementById(block.id);
        if (next) Idiomorph.morph(block, next, { ignoreActiveValue: true, callbacks });
      }
      document.dispatchEvent(new CustomEvent('live'));
    }
  } catch {
    // The server is away for a moment; the stream says when it is back.
  }
  setTimeout(() => {
    isAsking = false;
    if (!isStale) return;
    isStale = false;
    void refresh();
  }, SHORTEST_PAUSE_MS);
}

/** A field that a person has changed is theirs. */
function beforeNodeMorphed(node) {
  return !(node instanceof HTMLElement && isChanged(node));
}

function isChanged(node) {
  if (node.matches('input[type=checkbox], input[type=radio]')) return node.checked !== node.defaultChecked;
  if (node.matches('input, textarea')) return node.value !== node.defaultValue;
  if (!node.matches('select')) return false;
  const { options } = node;
  const isAnyDefault = [...options].some((option) => option.defaultSelected);
  return isAnyDefault
    ? [...options].some((option) => option.selected !== option.defaultSelected)
    : node.selectedIndex > 0;
}

function beforeNodeRemoved(node) {
  return !(node instanceof HTMLElement && node.hasAttribute('data-added'));
}

/** What a person opened or closed stays so. */
function beforeAttributeUpdated(name, node) {
  return !(name === 'open' && node.matches('details, dialog'));
}

/** Only while somebody looks: a browser has few connections to one server, and tabs share them. */
function follow() {
  if (document.hidden) {
    stream?.close();
    stream = undefined;
    clearTimeout(again);
    return;
  }
  if (stream && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource(hasOpened ? '/live' : `/live?age=${Math.ceil(performance.now())}`);
  stream.addEventListener('open', () => {
    // Whatever happened while the stream was broken is caught up on.
    if (hasOpened) void refresh();
    hasOpened = true;
  });
  stream.addEventListener('change', refresh);
  stream.addEventListener('error', () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(follow, AGAIN_MS);
  });
}

if (document.querySelector('[data-live]')) {
  document.addEventListener('visibilitychange', follow);
  follow();
}
