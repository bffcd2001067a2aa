// The frame of every page: who is signed in, the bar, the way to the other pages. The page's own module fills the rest.
import { Problem, ageing, call, reachability, signedOut } from './api.js';
import { synchronise, learn } from './clock.js';
import { fill, h, icon, setText } from './dom.js';
import { choose, language, t, word } from './text.js';
import { addShortcuts, installKeys } from './keys.js';
import { noticeBell } from './notices.js';
import { notify } from './notify.js';
import { loadTitles } from './titles.js';

/**
 * @typedef {API.Caller} Me
 * @typedef {{me: Me, bar: HTMLElement, body: HTMLElement, bell: ReturnType<typeof noticeBell> | null}} Frame
 */

/** The pages, with the roles that use them. */
const pages = [
  { name: 'desk', roles: ['agent', 'lead'] },
  { name: 'wallboard', roles: ['lead', 'operator', 'auditor'] },
  { name: 'people', roles: ['lead', 'operator', 'auditor'] },
  { name: 'tickets', roles: ['lead', 'operator', 'auditor'] },
  { name: 'callbacks', roles: ['lead', 'operator', 'auditor'] },
  { name: 'quality', roles: ['lead', 'auditor'] },
  { name: 'reports', roles: ['lead', 'operator', 'auditor'] },
  { name: 'policy', roles: ['lead', 'operator', 'auditor'] },
  { name: 'operations', roles: ['lead', 'operator', 'auditor'] },
  { name: 'sessions', roles: ['agent', 'lead', 'operator', 'auditor'] },
];

const app = /** @type {HTMLElement} */ (document.getElementById('app'));
const page = document.documentElement.dataset.page ?? 'desk';

/** A strip over the page that says what does not work. */
const strip = h('div', { class: 'strip', role: 'status', hidden: true });

function showReachability(/** @type {boolean} */ isReachable) {
  strip.hidden = isReachable;
  strip.className = isReachable ? 'strip' : 'strip warning';
  setText(strip, isReachable ? '' : t('unreachable'));
}
reachability.add(showReachability);

/** A strip that says that something shown is old. The next answer of its kind, or half a minute without one, takes it away. */
const ageStrip = h('div', { class: 'strip warning', role: 'status', hidden: true });
let ageTimer = 0;
ageing.add((seconds) => {
  clearTimeout(ageTimer);
  ageStrip.hidden = seconds === 0;
  setText(ageStrip, seconds === 0 ? '' : t('data-age', { seconds }));
  if (seconds > 0) ageTimer = setTimeout(() => { ageStrip.hidden = true; }, 30_000);
});

/** The way to sign in and back to this page. */
const signInPath = () => `/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`;

signedOut.add(() => {
  strip.hidden = false;
  strip.className = 'strip danger';
  fill(strip, t('signed-out'), ' ', h('a', { href: signInPath() }, t('sign-in-again')));
});

/** @param {Me} me @param {HTMLElement | null} bell */
function bar(me, bell) {
  const name = me.agent ?? (me.label || word('role', me.role));
  const links = pages.filter((entry) => entry.roles.includes(me.role)).map((entry) =>
    h('a', { href: `/${entry.name}`, 'aria-current': entry.name === page ? 'page' : null }, t(`page.${entry.name}`)));
  const middle = h('div', { class: 'bar-middle' });
  const element = h('header', { class: 'bar', data: { role: me.role } },
    h('h1', { class: 'visually-hidden' }, t(`page.${page}`)),
    h('nav', { class: 'bar-pages', 'aria-label': t('pages') }, links),
    middle,
    h('div', { class: 'bar-me' }, bell,
      h('button', { class: 'quiet', onclick: () => choose(language === 'zh' ? 'en' : 'zh'), lang: language === 'zh' ? 'en' : 'zh' },
        language === 'zh' ? 'English' : '中文'),
      h('span', { class: 'who', title: word('role', me.role) }, name),
      h('button', { class: 'quiet', onclick: signOut }, t('sign-out'))));
  return { element, middle };
}

/**
 * Searches tickets and customers, and leads to the other pages.
 * @param {Me} me
 */
async function openSearch(me) {
  try {
    const { openPalette } = await import('./palette.js');
    const place = me.role === 'agent' ? 'desk' : 'tickets';
    openPalette(pages.filter((entry) => entry.roles.includes(me.role) && entry.name !== page)
      .map((entry) => ({ title: t(`page.${entry.name}`), detail: '', act: () => location.assign(`/${entry.name}`) })),
    (id) => location.assign(`/${place}?ticket=${encodeURIComponent(id)}`));
  } catch (problem) {
    notify(problem instanceof Problem ? problem : t('problem.unreachable'));
  }
}

async function signOut() {
  try {
    await call('DELETE', '/v1/session');
    location.assign('/sign-in');
  } catch (problem) {
    notify(problem);
  }
}

function cannotOpen() {
  fill(app, h('div', { class: 'empty', role: 'alert' }, h('p', {}, t('cannot-open')),
    h('button', { onclick: () => location.reload() }, t('try-again'))));
}

async function open() {
  document.title = `${t(`page.${page}`)} · Frontdesk`;
  /** @type {Me} */
  let me;
  // A server that does not answer at all is not waited for in silence.
  const patience = setTimeout(() => cannotOpen(), 3000);
  try {
    me = await synchronise();
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) {
      location.replace(signInPath());
      return;
    }
    cannotOpen();
    setTimeout(open, 3000);
    return;
  } finally {
    clearTimeout(patience);
  }
  // Only people who act as an agent get notices. The desk shows those of its stream; other pages ask.
  const bell = me.agent ? noticeBell((ticket) => location.assign(`/${me.role === 'lead' ? 'tickets' : 'desk'}?ticket=${encodeURIComponent(ticket)}`)) : null;
  if (bell) {
    bell.refresh();
    if (page !== 'desk') setInterval(() => document.hidden || bell.refresh(), 30_000);
  }
  const { element, middle } = bar(me, bell?.element ?? null);
  const body = h('main', { class: 'page', id: 'page', tabindex: page === 'desk' ? '-1' : '0' });
  fill(app, h('a', { class: 'skip', href: '#page' }, t('skip')), element, strip, ageStrip, body);
  installKeys();
  const allowed = pages.find((entry) => entry.name === page)?.roles ?? [];
  if (!allowed.includes(me.role)) {
    const first = pages.find((entry) => entry.roles.includes(me.role));
    if (page === 'desk' && first) return location.replace(`/${first.name}`);
    fill(body, h('div', { class: 'empty' }, h('p', {}, t('forbidden', { role: word('role', me.role) }))));
    return;
  }
  // The desk adds what can be done there.
  if (page !== 'desk') {
    const search = () => openSearch(me);
    addShortcuts({ key: '/', title: t('palette.open'), act: search }, { key: 'Ctrl-K', title: t('palette.open'), act: search });
  }
  const [module] = await Promise.all([import(`./page-${page}.js`), loadTitles()]);
  await module.open({ me, bar: middle, body, bell });
}

open();
export { learn, icon };
