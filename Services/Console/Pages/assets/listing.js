// What the pages of leads and operators share: a list that is fetched again and again, tables, and what to show while there is none.
import { h, fill, setText } from './dom.js';
import { now } from './clock.js';
import { failing } from './notify.js';
import { fullTime, shortTime, t } from './text.js';

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
 */
export function table(caption, columns, rows) {
  if (rows.length === 0) return h('p', { class: 'empty' }, t('wall.no-data'));
  return h('table', {}, h('caption', { class: 'visually-hidden' }, caption),
    h('thead', {}, h('tr', {}, columns.map((column) => h('th', { scope: 'col', class: column.isFigure ? 'figure' : null }, column.title)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, index) => {
      const tone = cell && typeof cell === 'object' && !(cell instanceof Node) && 'tone' in cell ? cell.tone : '';
      const content = tone !== '' || (cell && typeof cell === 'object' && 'text' in cell && !(cell instanceof Node)) ? cell.text : cell;
      return h('td', { class: [columns[index].isFigure ? 'figure' : '', tone ? `tone-${tone}` : ''].filter(Boolean).join(' ') || null, dir: 'auto' }, content);
    })))));
}

/** A time with the exact one on hover. @param {string | null} at */
export function moment(at) {
  return at ? h('time', { title: fullTime(at), datetime: at }, shortTime(at, now())) : t('none');
}

/** @param {Element} element */
export function stamp(element) {
  setText(element, t('wall.updated', { at: shortTime(new Date(now()).toISOString(), now()) }));
}

/** @param {string} title @param {number | string} value @param {string} [tone] */
export function figureCard(title, value, tone) {
  return h('div', { class: 'figure-card', data: tone ? { tone } : null }, h('span', {}, title), h('b', {}, value));
}
export { fill };
