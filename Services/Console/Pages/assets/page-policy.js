// The policy: edited with mistakes as one types, its difference to what is in force beside it, examples and a dry run below, applied with a
// reason, and back to an earlier version. Secrets are hidden: what shows a placeholder stays as it is.
import { at, call, get } from './api.js';
import { difference } from './difference.js';
import { fill, h, setText } from './dom.js';
import { askReason, request } from './intents.js';
import { moment, pagedList, table } from './listing.js';
import { failing, notify, sentence } from './notify.js';
import { policyEditor } from './policy-editor.js';
import { mistakeWords } from './policy-text.js';
import { dayTime, fullTime, number, t } from './text.js';
import { keepPolicy, keptPolicy } from './unsaved.js';

/** How long after the last key a text is checked, in milliseconds. */
const checkPause = 400;

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const mayChange = me.role === 'operator' && !me.read_only;
  const head = h('p', {});
  const page = h('div', { class: 'list-page' });
  fill(body, page);
  /**
   * What is in force.
   * @type {any}
   */
  let policy = null;
  /** @type {ReturnType<typeof policyEditor>} */
  let editor;
  /** @type {any} */
  let checked = null;
  let round = 0;
  let timer = 0;
  /**
   * A text of this person that was made from another version, until they choose.
   * @type {import('./unsaved.js').KeptPolicy | null}
   */
  let older = null;
  const kept = h('div', { role: 'status' });

  const changes = h('div', { class: 'policy-difference', tabindex: '0', 'aria-label': t('policy.difference') });
  const consequences = h('div', {});
  const apply = h('button', { class: 'primary', disabled: true, onclick: applyPolicy }, t('policy.apply'));
  const reset = h('button', { class: 'quiet', onclick: () => {
    fill(kept);
    editor.text = policy.document;
  } }, t('policy.reset'));
  const examples = h('textarea', { class: 'policy-area small', spellcheck: 'false', rows: 8, name: 'examples', 'aria-label': t('policy.examples'), oninput: keep });
  const results = h('div', { role: 'status' });
  const tickets = h('input', { type: 'number', min: 1, max: 2000, value: '500', name: 'tickets' });
  const dryRun = h('div', { role: 'status' });

  function showDifference() {
    const lines = difference(policy.document, editor.text);
    fill(changes, lines.length === 0 ? h('p', { class: 'empty' }, t('policy.same')) : h('pre', {}, lines.map((line) => line === null
      ? h('span', { class: 'gap' }, '⋯')
      : h('span', { class: line.sign === '+' ? 'added' : line.sign === '-' ? 'removed' : null }, h('b', {}, `${line.before ?? line.after ?? ''}`.padStart(4), ` ${line.sign} `), line.text))));
    reset.disabled = lines.length === 0;
  }

  async function check() {
    round += 1;
    const mine = round;
    try {
      const answer = await call('POST', '/v1/policy/check', { document: editor.text, based_on: policy.version });
      const words = await mistakeWords();
      if (mine !== round) return;
      checked = answer;
      editor.showMistakes(answer.mistakes.map((/** @type {any} */ mistake) => ({ ...mistake, ...words(mistake) })), answer.omitted);
      apply.disabled = !answer.valid || editor.text === policy.document;
      fill(consequences,
        answer.in_force === policy.version ? null : h('p', { class: 'tone-danger' }, t('policy.moved', { version: answer.in_force }), ' ', h('button', { onclick: load }, t('policy.reload'))),
        answer.valid ? [
          h('h3', {}, t('policy.open-tickets')),
          answer.changes === null ? h('p', {}, t('policy.changes-unknown')) : answer.changes.length === 0 ? h('p', {}, t('policy.no-changes'))
            : h('ul', {}, answer.changes.map((/** @type {string} */ change) => h('li', {}, change))),
          answer.unreachable.length > 0 ? h('ul', { class: 'tone-warning' }, answer.unreachable.map((/** @type {string} */ promise) => h('li', {}, promise))) : null] : null);
    } catch (problem) {
      if (mine !== round) return;
      apply.disabled = true;
      editor.showState(sentence(problem));
    }
  }

  /** What is typed stays in this browser until it is applied or discarded, for its writer. */
  function keep() {
    if (!mayChange) return;
    const isChanged = editor.text !== policy.document || examples.value.trim() !== '';
    // What was made from another version is not overwritten before its writer has chosen.
    const isKept = !older && keepPolicy(me, isChanged ? { version: policy.version, document: editor.text, examples: examples.value, at: new Date().toISOString() } : null);
    if (isKept || !isChanged) delete editor.element.dataset.unsaved;
    else editor.element.dataset.unsaved = '';
  }

  /** Shows again what was typed and not applied. */
  function bringBack() {
    const text = mayChange ? keptPolicy(me) : null;
    fill(kept);
    older = null;
    if (!text) return;
    if (!examples.value) examples.value = text.examples;
    if (text.document === policy.document) return;
    const at = text.at ? dayTime(text.at) : t('none');
    if (text.version === policy.version) {
      editor.text = text.document;
      fill(kept, h('p', { class: 'tone-warning' }, t('policy.kept', { at })));
      return;
    }
    older = text;
    const decide = (/** @type {boolean} */ takes) => () => {
      older = null;
      fill(kept);
      if (takes) editor.text = text.document;
      keep();
    };
    fill(kept, h('p', { class: 'tone-warning' }, t('policy.kept-older', { at, version: text.version, in_force: policy.version })),
      h('p', { class: 'filters' }, h('button', { onclick: decide(true) }, t('policy.kept-take')), h('button', { class: 'quiet', onclick: decide(false) }, t('policy.kept-drop'))));
  }

  function edited() {
    showDifference();
    keep();
    apply.disabled = true;
    clearTimeout(timer);
    timer = window.setTimeout(check, checkPause);
  }

  /** @param {boolean} hasChanges @returns {any} */
  const confirmation = (hasChanges) => hasChanges ? h('input', { type: 'checkbox', required: true, name: 'confirmed' }) : null;

  async function applyPolicy() {
    const hasChanges = checked.changes === null || checked.changes.length > 0;
    const confirmed = confirmation(hasChanges);
    const reason = await askReason(t('policy.apply'), t('policy.apply'), confirmed ? { [t('policy.confirm', { count: checked.changes?.length ?? 0 })]: confirmed } : {},
      t('policy.apply-explained'));
    if (!reason) return;
    const intent = await request('/v1/policy', { document: editor.text, based_on: policy.version, changes_confirmed: confirmed?.checked ?? false, reason });
    if (intent?.state !== 'done') return;
    keepPolicy(me, null);
    examples.value = '';
    load();
  }

  /** @param {number} version */
  async function restore(version) {
    const confirmed = h('input', { type: 'checkbox', name: 'confirmed' });
    const reason = await askReason(t('policy.restore', { version }), t('policy.restore-act'), { [t('policy.confirm-any')]: confirmed });
    if (!reason) return;
    const intent = await request('/v1/policy/restore', { version, based_on: policy.version, changes_confirmed: confirmed.checked, reason });
    if (intent?.state === 'done') load();
  }

  /** @param {number} version */
  async function compare(version) {
    try {
      const other = await get(at`/v1/policy/versions/${String(version)}`);
      editor.text = other.document;
      editor.element.scrollIntoView({ block: 'start' });
    } catch (problem) {
      notify(problem);
    }
  }

  async function runExamples() {
    setText(results, t('loading'));
    try {
      const answer = await call('POST', '/v1/policy/examples', { document: editor.text, based_on: policy.version, examples: examples.value });
      const words = await mistakeWords();
      /** @param {any} mistake */
      const worded = (mistake) => {
        const { problem, remedy } = words(mistake);
        return `${mistake.line}:${mistake.column} ${problem}; ${remedy}`;
      };
      fill(results, answer.mistakes.length > 0
        ? h('ul', { class: 'tone-danger' }, answer.mistakes.map((/** @type {any} */ mistake) => h('li', {}, worded(mistake))))
        : [h('p', { class: answer.failed.length > 0 ? 'tone-danger' : 'tone-good' }, t(answer.failed.length > 0 ? 'policy.examples-failed' : 'policy.examples-passed', { count: answer.run, failed: number(answer.failed.length) })),
          h('ul', {}, answer.failed.map((/** @type {any} */ example) => h('li', {}, h('b', {}, example.name), ` (${t('policy.at', { line: example.line, column: 1 })}) `, example.differences.join('; '))))]);
    } catch (problem) {
      failing(results, problem, runExamples);
    }
  }

  async function runDry() {
    setText(dryRun, t('loading'));
    try {
      const answer = await call('POST', '/v1/policy/dry-run', { document: editor.text, based_on: policy.version, tickets: Number(tickets.value) });
      fill(dryRun, h('p', {}, t('policy.elsewhere', { count: answer.elsewhere, number: number(answer.elsewhere), examined: number(answer.examined) })),
        answer.moves.length === 0 ? null : table(t('policy.dry-run'), [
          { title: t('policy.from') }, { title: t('policy.to') }, { title: t('page.tickets'), isFigure: true }, { title: t('policy.such-as') }],
        answer.moves.map((/** @type {any} */ move) => [`${move.from.queue} · ${move.from.priority}`, `${move.to.queue} · ${move.to.priority}`, number(move.tickets),
          h('span', {}, move.examples.map((/** @type {string} */ id) => [h('a', { href: `/tickets?ticket=${encodeURIComponent(id)}` }, `#${id.slice(-6)}`), ' ']))])));
    } catch (problem) {
      failing(dryRun, problem, runDry);
    }
  }

  const versions = pagedList({
    fetchPage: async (cursor) => {
      const answer = await get(`/v1/policy/versions${cursor ? `?before=${encodeURIComponent(cursor)}` : ''}`);
      return { rows: answer.versions, next: answer.next };
    },
    show: (rows) => table(t('policy.versions'), [{ title: t('policy.number'), isFigure: true }, { title: t('policy.by') }, { title: t('audit.at') }, { title: t('apikey.act') }],
      rows.map((row) => [String(row.version), row.applied_by, moment(row.applied_at), row.version === policy.version ? t('policy.in-force')
        : h('span', {}, h('button', { class: 'quiet', onclick: () => compare(row.version) }, t('policy.look')),
          mayChange ? h('button', { class: 'quiet', onclick: () => restore(row.version) }, t('policy.restore-act')) : null)])),
    empty: () => t('wall.no-data'),
  });

  async function load() {
    try {
      policy = await get('/v1/policy');
    } catch (problem) {
      failing(page, problem, load);
      return;
    }
    fill(head, t('policy.version', { version: policy.version, by: policy.applied_by, at: fullTime(policy.applied_at) }), ' ', h('span', { class: 'quiet-text' }, t('policy.masked')));
    editor = policyEditor({ text: policy.document, label: t('policy.text'), isReadOnly: !mayChange, changed: edited });
    fill(page,
      h('section', {}, head, kept, h('div', { class: 'policy-pair' }, editor.element, h('div', {}, h('h2', {}, t('policy.difference')), changes)),
        consequences, mayChange ? h('p', { class: 'filters' }, apply, reset) : null),
      mayChange ? h('section', {}, h('h2', {}, t('policy.examples')), h('p', { class: 'quiet-text' }, t('policy.examples-explained')), examples,
        h('p', {}, h('button', { onclick: runExamples }, t('policy.run'))), results) : null,
      mayChange ? h('section', {}, h('h2', {}, t('policy.dry-run')), h('p', { class: 'filters' }, h('label', {}, t('policy.last-tickets'), tickets),
        h('button', { onclick: runDry }, t('policy.run'))), dryRun) : null,
      h('section', {}, h('h2', {}, t('policy.versions')), versions.element));
    showDifference();
    reset.disabled = true;
    bringBack();
    if (mayChange) check();
    else editor.showState('');
    versions.load();
  }
  load();
}
