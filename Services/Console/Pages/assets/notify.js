// Short messages at the edge of the page: what failed and what to do. They stay until they are closed or replaced.
import { Problem, wording } from './api.js';
import { fill, h } from './dom.js';
import { t } from './text.js';

const box = h('div', { class: 'notices', role: 'status', 'aria-live': 'polite', popover: 'manual' });
document.body.appendChild(box);

/**
 * The sentences of a failure in the reader's language; the server's own words where the pages have none.
 * @param {unknown} problem
 */
export function sentence(problem) {
  if (!(problem instanceof Problem)) return String(problem instanceof Error ? problem.message : problem);
  if (problem.status === 0) return t('problem.unreachable');
  const key = `problem.${problem.kind}`;
  const text = t(key);
  const words = wording.words?.(problem);
  const first = text === key ? words?.what ?? problem.message : text;
  const details = problem.errors.map((error, index) => words?.remedies[index] ?? error.remedy ?? error.detail).filter(Boolean);
  return [first, ...details].join(' ');
}

/**
 * @param {unknown} what a failure, or a text
 * @param {'danger' | 'good' | 'warning'} [tone]
 * @param {boolean} [stays] whether it stays until it is closed, as failures do
 * @param {string} [about] replaces what was said about the same; else only the same words are not said twice
 */
export function notify(what, tone = 'danger', stays = tone === 'danger', about = '') {
  const text = typeof what === 'string' ? what : sentence(what);
  for (const former of [...box.children]) {
    const { text: said, about: of } = /** @type {HTMLElement} */ (former).dataset;
    if (said === text || (about && of === about)) former.remove();
  }
  const notice = h('div', { class: `notice ${tone}`, data: { text, about } }, h('p', {}, text),
    h('button', { class: 'quiet', 'aria-label': t('close'), onclick: () => notice.remove() }, '×'));
  box.appendChild(notice);
  // Shown again, so that it lies over a dialog that was opened meanwhile.
  if (box.matches(':popover-open')) box.hidePopover();
  box.showPopover();
  while (box.children.length > 3) box.firstElementChild?.remove();
  if (!stays) setTimeout(() => notice.remove(), 6000);
}

/**
 * Shows why there is nothing to show. What the reader may not see is not tried again; when the server does not answer, the page tries
 * again by itself.
 * @param {Element} parent
 * @param {unknown} problem
 * @param {() => void} again
 */
export function failing(parent, problem, again) {
  const status = problem instanceof Problem ? problem.status : -1;
  const box = h('div', { class: 'empty', role: 'alert' }, h('p', {}, sentence(problem)),
    status === 403 ? h('p', { class: 'quiet-text' }, t('list.forbidden')) : h('button', { onclick: again }, t('try-again')));
  fill(parent, box);
  if (status === 0) setTimeout(() => box.isConnected && again(), 5000);
}
