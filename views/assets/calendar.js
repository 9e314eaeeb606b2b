// Where there is room, the table becomes a calendar in which posts can be dragged. Times are wall times of the team's zone
// all along; for the library they are times of UTC, which has no gaps: what does not exist is the server's to say.
const root = document.querySelector('.calendar');
const { view, anchor, campaign, channel, timeZone, csrf } = root.dataset;
const address = `${new URLSearchParams({ view, from: anchor, campaign, channel })}`;
const isWeek = view === 'week';
const mayMove = 'mayMove' in root.dataset;
const table = root.querySelector('table');
const dayName = new Intl.DateTimeFormat('en-GB', {
  ...{ weekday: 'short', day: 'numeric', month: 'long', timeZone: 'UTC' },
});
const room = matchMedia('(width >= 48rem)');
let calendar;

if (table && room.matches) void begin();
else if (table) room.addEventListener('change', () => void begin(), { once: true });

async function begin() {
  // Until it is there, and where it never comes, the table is.
  const [events] = await Promise.all([fetchEvents(), loadLibrary()]);
  const grid = document.createElement('div');
  grid.className = 'grid settling';
  root.append(grid);
  calendar = new FullCalendar.Calendar(grid, toOptions(events));
  calendar.render();
  await settle(grid);
  grid.classList.remove('settling');
  root.parentElement.classList.add('dragging');
  // The hidden table is kept fresh; when it changes, so does the calendar.
  new MutationObserver(reload).observe(root.querySelector('[data-live]'), {
    ...{ subtree: true, childList: true, characterData: true, attributes: true },
  });
}

/** The library measures, and lays out again by that: until it is done the table stays, so that nobody sees things jump. */
async function settle(grid) {
  const STILL_FRAMES = 4;
  let last;
  for (let still = 0; still < STILL_FRAMES;) {
    await new Promise(requestAnimationFrame);
    const tops = [...grid.querySelectorAll('[role="row"], .event')].map(
      (node) => node.getBoundingClientRect().top,
    );
    still = String(tops) === last ? still + 1 : 0;
    last = String(tops);
  }
}

async function loadLibrary() {
  await addScript('fullcalendar');
  await addScript('fullcalendar-theme');
}

/** Not a module: the library is a variable of the page. */
function addScript(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `/assets/${name}.js`;
    script.addEventListener('load', resolve);
    script.addEventListener('error', reject);
    document.head.append(script);
  });
}

function toOptions(events) {
  return {
    initialView: isWeek ? 'timeGridWeek' : 'dayGridMonth',
    initialDate: anchor,
    timeZone: 'UTC',
    now: () => wallTimeNow(),
    nowIndicator: true,
    firstDay: 1,
    locale: 'en-gb',
    headerToolbar: false,
    height: isWeek ? '75vh' : 'auto',
    fixedWeekCount: false,
    dayMaxEvents: 3,
    events: async () => {
      const known = events;
      events = undefined;
      return known ?? fetchEvents();
    },
    eventDisplay: 'block',
    eventContent: ({ event }) => ({ domNodes: toNodes(event) }),
    eventTimeFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
    slotHeaderFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
    dayHeaderFormat: isWeek ? { weekday: 'short', day: 'numeric' } : { weekday: 'short' },
    slotMinHeight: 26,
    eventMinHeight: 48,
    snapDuration: '00:15',
    scrollTime: '07:00',
    slotEventOverlap: false,
    allDayText: '',
    // Only days on which the clocks change have something that lasts all day.
    allDaySlot: events.some(({ allDay }) => allDay),
    eventInteractive: false,
    eventStartEditable: mayMove,
    eventDurationEditable: false,
    // A finger that stays takes the post up; one that moves at once scrolls.
    longPressDelay: 400,
    eventClass: ({ isSelected }) => isSelected && 'is-held',
    eventAllow: (drop) => !drop.allDay,
    eventDrop: (drop) => move(drop),
    dayCellClass: ({ isOther }) => isOther && 'outside',
    dayCellTopClass: 'date',
    dayCellTopInnerClass: ({ isToday }) => isToday && 'today',
    popoverClass: 'popover',
    dayHeaderInnerClass: ({ isToday }) => (isWeek && isToday ? 'weekday today' : 'weekday'),
    // Names that screen readers would be given twice, or instead of what is in the cell.
    dayCellDidMount: ({ el }) => el.removeAttribute('aria-label'),
    dayHeaderDidMount: ({ el }) => el.querySelector('[aria-hidden]')?.removeAttribute('aria-hidden'),
    viewDidMount: ({ el }) => nameRows(el),
    navLinks: true,
    navLinkHint: (_words, date) => dayName.format(date),
    navLinkDayClick: (date) => location.assign(agendaHref(date.toISOString().slice(0, 10))),
  };
}

/** The cells before the hours are no headings. */
function nameRows(grid) {
  for (const cell of grid.querySelectorAll('[role="rowheader"]')) {
    if (cell.textContent === '') cell.setAttribute('role', 'gridcell');
  }
}

function agendaHref(day) {
  const query = new URLSearchParams({ view: 'agenda', from: day });
  if (campaign) query.set('campaign', campaign);
  if (channel) query.set('channel', channel);
  return `/calendar?${query}`;
}

async function fetchEvents() {
  const answer = await fetch(`/calendar/posts.json?${address}`, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`The calendar was answered with ${answer.status}.`);
  const { posts, clockChanges } = await answer.json();
  return [
    ...posts.map((post) => ({
      id: `${post.postId} ${post.at}`,
      start: `${post.date}T${post.time}`,
      end: endOf(post),
      // What waits or was stopped may be dropped too: the answer then leads to its own page.
      startEditable: mayMove && Boolean(post.moveHref),
      color: 'var(--tone-soft)',
      contrastColor: 'var(--ink)',
      class: `event is-${post.tone}${post.moveHref ? ' is-movable' : ''}`,
      extendedProps: { post },
    })),
    ...clockChanges.map(({ date, words }) => ({
      ...{ id: `clocks ${date}`, start: date, allDay: true, title: words, startEditable: false },
      ...{ color: 'var(--warning-soft)', contrastColor: 'var(--warning)', class: 'clocks' },
    })),
  ];
}

/** What is read as an hour, but on its own day. */
function endOf({ date, time }) {
  const hour = Number(time.slice(0, 2));
  return hour === 23 ? `${date}T23:59:59` : `${date}T${String(hour + 1).padStart(2, '0')}${time.slice(2)}`;
}

function toNodes(event) {
  const { post } = event.extendedProps;
  if (!post) return [document.createTextNode(event.title)];
  const text = link('text', post.href);
  const time = document.createElement('time');
  time.textContent = event.startStr.slice(11, 16);
  text.append(time, ` ${post.excerpt || 'No text yet'}`);
  const nodes = [text, span('state', post.label), span('networks', post.networks)];
  if (!post.moveHref) return nodes;
  const mover = link('move', post.moveHref);
  mover.title = 'Move to another time';
  mover.setAttribute('aria-label', `Move “${post.excerpt}”, ${post.time}`);
  mover.append(icon('calendar-clock'));
  return [...nodes, mover];
}

function span(name, words) {
  const node = document.createElement('span');
  node.className = name;
  node.textContent = words;
  return node;
}

function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('class', 'icon');
  picture.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `/assets/icons.svg#${name}`);
  picture.append(use);
  return picture;
}

function link(name, href) {
  const node = document.createElement('a');
  node.className = name;
  node.href = href;
  // The browser's own dragging of links would come in between.
  node.draggable = false;
  return node;
}

async function move({ event, revert }) {
  const { post } = event.extendedProps;
  const answer = await send(post, event.startStr.slice(0, 16));
  if (!answer.isMoved) {
    revert();
    say('problem', answer.message, answer.moveHref && { label: 'Look at it', href: answer.moveHref });
    return;
  }
  const undo = { label: 'Undo', run: () => undoMove(post) };
  say('good', [answer.message, ...answer.warnings].join(' '), undo);
  calendar.refetchEvents();
}

async function undoMove(post) {
  // The very instant: a wall time over which the clocks went back would be another one.
  const answer = await send(post, post.at);
  say(answer.isMoved ? 'good' : 'problem', answer.isMoved ? `Undone. ${answer.message}` : answer.message);
  calendar.refetchEvents();
}

async function send(post, at) {
  const body = new URLSearchParams({ csrf, rev: post.rev, at, calendar: address });
  for (const channelId of post.movable) body.append('channel', channelId);
  try {
    const answer = await fetch(`/posts/${post.postId}/drop`, {
      ...{ method: 'POST', body, headers: { accept: 'application/json' } },
    });
    const told = await answer.json();
    return { warnings: [], ...told, isMoved: answer.ok, message: told.message ?? told.error_description };
  } catch {
    return {
      isMoved: false,
      message: 'It was not moved: the server could not be reached. Reload the page and try again.',
    };
  }
}

let notice;

/** Announced by screen readers; stays until the next one. */
function say(tone, words, action) {
  notice ??= addNotice();
  notice.dataset.tone = tone;
  const text = document.createElement('p');
  text.textContent = words;
  notice.replaceChildren(text);
  if (!action) return;
  const way = document.createElement(action.href ? 'a' : 'button');
  way.className = action.href ? 'button plain' : 'plain';
  way.textContent = action.label;
  if (action.href) way.href = action.href;
  else way.addEventListener('click', () => action.run(), { once: true });
  notice.append(way);
}

function addNotice() {
  const node = document.createElement('div');
  node.className = 'notice moved';
  node.setAttribute('role', 'status');
  root.append(node);
  return node;
}

function reload() {
  calendar.refetchEvents();
}

function wallTimeNow() {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return parts.format(new Date()).replace(' ', 'T');
}
