// A text with line numbers and mistakes at their lines. The text area is an ordinary one, so that every way of typing works.
import { fill, h, setText } from './dom.js';
import { t } from './text.js';

/**
 * @typedef {{file: string | null, line: number, column: number, path: string, problem: string, remedy: string}} Mistake
 * @param {{text: string, label: string, isReadOnly: boolean, changed: () => void}} options
 */
export function policyEditor({ text, label, isReadOnly, changed }) {
  const numbers = h('div', { class: 'line-numbers', 'aria-hidden': 'true' });
  const area = h('textarea', { class: 'policy-area', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', wrap: 'off', readonly: isReadOnly,
    'aria-label': label, 'aria-describedby': 'policy-place policy-mistakes', name: 'policy' });
  area.value = text;
  const place = h('p', { class: 'quiet-text', id: 'policy-place' });
  const list = h('ol', { class: 'mistakes' });
  const summary = h('p', { role: 'status' });
  const element = h('div', { class: 'policy-editor' }, h('div', { class: 'policy-lines' }, numbers, area), place,
    h('div', { id: 'policy-mistakes' }, summary, list));
  let lines = 0;
  /** @type {Map<number, string>} */
  let wrong = new Map();

  function showNumbers() {
    const count = area.value.split('\n').length;
    if (count === lines) return;
    lines = count;
    drawNumbers();
  }

  function drawNumbers() {
    fill(numbers, Array.from({ length: lines }, (_, index) => {
      const problem = wrong.get(index + 1);
      return h('span', { class: problem ? 'wrong' : null, title: problem }, `${problem ? '! ' : ''}${index + 1}`);
    }));
    numbers.scrollTop = area.scrollTop;
  }

  function showPlace() {
    const before = area.value.slice(0, area.selectionStart).split('\n');
    setText(place, t('policy.place', { line: before.length, column: [...before[before.length - 1]].length + 1 }));
  }

  /**
   * Puts the cursor at a place and shows it.
   * @param {number} line
   * @param {number} column
   */
  function go(line, column) {
    const rows = area.value.split('\n');
    const start = rows.slice(0, line - 1).reduce((/** @type {number} */ sum, /** @type {string} */ row) => sum + row.length + 1, 0);
    const offset = [...(rows[line - 1] ?? '')].slice(0, column - 1).join('').length;
    area.focus();
    area.setSelectionRange(start + offset, start + offset);
    area.scrollTop = Math.max(0, (line - 6) * 20);
    showPlace();
  }

  area.addEventListener('scroll', () => {
    numbers.scrollTop = area.scrollTop;
  });
  area.addEventListener('input', () => {
    showNumbers();
    showPlace();
    changed();
  });
  for (const event of ['keyup', 'click', 'focus']) area.addEventListener(event, showPlace);
  showNumbers();
  showPlace();

  return {
    element, go,
    get text() {
      return area.value;
    },
    set text(value) {
      area.value = value;
      showNumbers();
      showPlace();
      changed();
    },
    /** @param {Mistake[]} mistakes @param {number} omitted */
    showMistakes(mistakes, omitted) {
      wrong = new Map(mistakes.filter((mistake) => !mistake.file).map((mistake) => [mistake.line, mistake.problem]));
      area.setAttribute('aria-invalid', String(mistakes.length > 0));
      drawNumbers();
      setText(summary, mistakes.length === 0 ? t('policy.valid') : t('policy.mistakes', { count: mistakes.length + omitted }));
      summary.className = mistakes.length === 0 ? 'tone-good' : 'tone-danger';
      fill(list, mistakes.map((mistake) => h('li', {},
        mistake.file ? `${mistake.file}:${mistake.line}:${mistake.column}` : h('button', { class: 'quiet', type: 'button', onclick: () => go(mistake.line, mistake.column) }, t('policy.at', { line: mistake.line, column: mistake.column })),
        ' ', mistake.path ? h('code', {}, mistake.path) : null, ' ', mistake.problem, '; ', mistake.remedy)));
    },
    /** @param {string} sentence */
    showState(sentence) {
      summary.className = '';
      setText(summary, sentence);
    },
  };
}
