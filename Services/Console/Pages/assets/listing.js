// What the pages of leads and operators share: a list that is fetched again and again, tables, and what to show while there is none.
import { h, fill, setText } from './dom.js';
import { now } from './clock.js';
import { failing } from './notify.js';
import { fullTime, shortTime, t, word } from './text.js';
import { title } from './titles.js';

/**
 * Fetches now and every few seconds while the page is visible.
 * @template T
 * @param {Element} parent where a failure of the first fetch is shown
 * @param {number} seconds
 * @param {() => Promise<T>} fetchAll
 * @param {(value: T) => void} show
 */
export function keepFresh(parent, seconds, fetchAll, show) {
  let hasShown = false;
  let timer = 0;
  async function round() {
    clearTimeout(timer);
    try {
      if (!document.hidden) {
        show(await fetchAll());
        hasShown = true;
      }
    } catch (problem) {
      if (!hasShown) failing(parent, problem, round);
    }
    timer = window.setTimeout(round, seconds * 1000);
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) round();
  });
  round();
  return round;
}

/**
 * @typedef {{title: string, isFigure?: boolean}} Column
 * @param {string} caption
 * @param {Column[]} columns
 * @param {any[][]} rows cells: a node, a text, or an object `{text, tone}`
 * @param {string} [empty] what no rows mean
 */
export function table(caption, columns, rows, empty = t('wall.no-data')) {
  if (rows.length === 0) return h('p', { class: 'empty' }, empty);
  return h('table', {}, h('caption', { class: 'visually-hidden' }, caption),
    h('thead', {}, h('tr', {}, columns.map((column) => h('th', { scope: 'col', class: column.isFigure ? 'figure' : null }, column.title)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, index) => {
      const tone = cell && typeof cell === 'object' && !(cell instanceof Node) && 'tone' in cell ? cell.tone : '';
      const content = tone !== '' || (cell && typeof cell === 'object' && 'text' in cell && !(cell instanceof Node)) ? cell.text : cell;
      return h('td', { class: [columns[index].isFigure ? 'figure' : '', tone ? `tone-${tone}` : ''].filter(Boolean).join(' ') || null, dir: 'auto' }, content);
    })))));
}

/**
 * A list of pages, with its states: loading, empty, failing or forbidden or out of reach (see `failing`), and rows with a way to more.
 * A page can be short or empty although more follow, so pages are fetched until some rows are there.
 * @template T
 * @param {{fetchPage: (cursor: string | null) => Promise<{rows: T[], next: string | null}>, show: (rows: T[]) => any, empty: () => any}} options
 */
export function pagedList({ fetchPage, show, empty }) {
  const content = h('div', {});
  const more = h('button', { class: 'quiet more', hidden: true, onclick: () => fetchMore() }, t('list.more'));
  const note = h('p', { class: 'quiet-text', role: 'status' });
  const element = h('div', { class: 'paged' }, content, note, more);
  /** @type {T[]} */
  let rows = [];
  /** @type {string | null} */
  let next = null;
  let round = 0;

  function refreshView() {
    more.hidden = next === null;
    fill(content, rows.length > 0 || next !== null ? (rows.length > 0 ? show(rows) : null) : h('div', { class: 'empty' }, empty()));
    setText(note, rows.length > 0 ? t(next ? 'list.count-more' : 'list.count', { count: rows.length }) : '');
  }

  async function fetchMore() {
    const mine = round;
    more.disabled = true;
    setText(note, rows.length > 0 ? t('loading') : '');
    try {
      const wanted = rows.length + 20;
      for (let pages = 0; pages < 5 && rows.length < wanted; pages += 1) {
        const page = await fetchPage(next);
        if (mine !== round) return;
        rows = [...rows, ...page.rows];
        next = page.next;
        if (next === null) break;
      }
      refreshView();
    } catch (problem) {
      if (mine !== round) return;
      more.hidden = true;
      setText(note, '');
      if (rows.length === 0) failing(content, problem, load);
      else failing(note, problem, fetchMore);
    } finally {
      more.disabled = false;
    }
  }

  /** Begins with the first page. */
  function load() {
    round += 1;
    rows = [];
    next = null;
    fill(content, h('p', { class: 'loading' }, t('loading')));
    more.hidden = true;
    return fetchMore();
  }

  /** Fetches the first page again while only that is shown, and leaves what is there if that fails. */
  async function freshen() {
    if (document.hidden || next !== null || content.contains(document.activeElement)) return;
    const mine = round;
    try {
      const page = await fetchPage(null);
      if (mine !== round) return;
      rows = page.rows;
      next = page.next;
      refreshView();
    } catch {
      // The strip over the page says that the server does not answer.
    }
  }
  return { element, load, freshen };
}

/**
 * Keeps the fields of a form in the page's address, so that a link shows the same.
 * @param {string} path
 * @param {Record<string, any>} fields inputs by the name of their parameter
 */
export function addressed(path, fields) {
  const query = new URLSearchParams(location.search);
  for (const [name, field] of Object.entries(fields)) if (query.get(name)) field.value = query.get(name);
  return {
    /**
     * What is set, by name.
     * @returns {Record<string, string>}
     */
    values: () => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value !== '')),
    keep() {
      const text = new URLSearchParams(this.values()).toString();
      history.replaceState(null, '', text ? `${path}?${text}` : path);
    },
  };
}

/**
 * A time with the exact one on hover.
 * @param {string | null} at
 */
export function moment(at) {
  return at ? h('time', { title: fullTime(at), datetime: at }, shortTime(at, now())) : t('none');
}

/** @param {Element} element */
export function stamp(element) {
  setText(element, t('wall.updated', { at: shortTime(new Date(now()).toISOString(), now()) }));
}

/** @param {string} name @param {number | string} value @param {string} [tone] */
export function figureCard(name, value, tone) {
  return h('div', { class: 'figure-card', data: tone ? { tone } : null }, h('span', {}, name), h('b', {}, value));
}
/**
 * The name of a group of a report.
 * @param {string} grouping
 * @param {string | null | undefined} group
 */
export function groupName(grouping, group) {
  if (group === null || group === undefined) return t('none');
  switch (grouping) {
    case 'queue': return title('queues', group);
    case 'channel': return title('channels', group);
    case 'category': return title('categories', group);
    case 'agent': return title('agents', group);
    case 'tier': return word('tier', group);
    default: return group;
  }
}
export { fill };
