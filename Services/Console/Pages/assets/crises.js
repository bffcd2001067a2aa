// Crisis cases on the wallboard: who is responsible, what is to be done, which prepared answers are sent.
import { at, call, get } from './api.js';
import { ask } from './dialogs.js';
import { fill, h, visible } from './dom.js';
import { moment } from './listing.js';
import { notify } from './notify.js';
import { language, number, t } from './text.js';
import { title } from './titles.js';

/**
 * What a case is about.
 * @param {string} cause
 */
export function causeText(cause) {
  const [kind, ...rest] = cause.split(':');
  return rest.length > 0 ? t(`crisis.cause.${kind}`, { name: rest.join(':') }) : t(`crisis.cause.${kind}`);
}

/** The open cases with their figures, newest first. */
export async function fetchCrises() {
  const page = await get('/v1/crises?limit=20');
  const current = page.crises.filter((/** @type {API.Crisis} */ crisis) => crisis.state === 'open').slice(0, 5);
  return Promise.all(current.map((/** @type {API.Crisis} */ crisis) => get(at`/v1/crises/${crisis.crisis}`)));
}

/**
 * A dialog with one text.
 * @param {string} title
 * @param {string} label
 * @param {string} what
 * @returns {Promise<string | null>}
 */
const askText = (title, label, what) => ask(title, (/** @type {(value: string) => void} */ done) => {
  const input = h('input', { required: true, maxlength: 500 });
  return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (input.value.trim()) done(input.value.trim());
  } }, h('p', { class: 'quiet-text' }, what), h('label', {}, label, input), h('button', { class: 'primary' }, title))];
});

/**
 * @param {import('./main.js').Me} me
 * @param {() => void} again called after a change
 */
export function crisisBoard(me, again) {
  const mayChange = !me.read_only && (me.role === 'lead' || me.role === 'operator');
  const list = h('div', {});
  const element = h('section', { class: 'card crises' }, h('div', { class: 'dialog-head' }, h('h2', {}, t('crises')),
    mayChange ? h('button', { class: 'quiet', onclick: openCase }, t('crisis.open')) : null), list);
  let shown = '';

  /** @param {string} path @param {any} body */
  async function change(path, body) {
    try {
      await call('POST', path, body);
    } catch (problem) {
      notify(problem);
    }
    shown = '';
    again();
  }

  async function openCase() {
    const answer = await ask(t('crisis.open'), (/** @type {(value: any) => void} */ done) => {
      const name = h('input', { required: true, maxlength: 100 });
      const category = h('select', {}, h('option', { value: '' }, t('none')));
      const reason = h('input', { required: true, maxlength: 500 });
      get('/v1/directory').then((directory) => directory.categories.forEach((/** @type {string} */ entry) => category.appendChild(h('option', { value: entry }, title('categories', entry)))), () => {});
      return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (name.value.trim() && reason.value.trim()) done({ name: name.value.trim(), reason: reason.value.trim(), ...(category.value ? { category: category.value } : {}) });
      } }, h('label', {}, t('crisis.name'), name), h('label', {}, t('category'), category), h('label', {}, t('reason'), reason), h('button', { class: 'primary' }, t('crisis.open')))];
    });
    if (answer) await change('/v1/crises', answer);
  }

  /** @param {API.Crisis} crisis */
  async function setOwner(crisis) {
    const agent = await ask(t('crisis.owner-set'), (/** @type {(value: string) => void} */ done) => {
      const select = h('select', { required: true }, h('option', { value: '' }, t('loading')));
      get('/v1/directory').then((directory) => {
        fill(select, directory.agents.map((/** @type {any} */ entry) => h('option', { value: entry.agent }, title('agents', entry.agent))));
        select.value = crisis.owner ?? me.agent ?? '';
      }, notify);
      return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (select.value) done(select.value);
      } }, h('label', {}, t('crisis.owner'), select), h('button', { class: 'primary' }, t('crisis.owner-set')))];
    });
    if (agent) await change(at`/v1/crises/${crisis.crisis}/owner`, { agent });
  }

  /** @param {API.Crisis} crisis */
  async function end(crisis) {
    const reason = await askText(t('crisis.end'), t('crisis.summary'), t('crisis.end-what'));
    if (reason) await change(at`/v1/crises/${crisis.crisis}/end`, { reason });
  }

  /** @param {API.Crisis} crisis */
  function card(crisis) {
    const figures = crisis.figures ?? {};
    return h('article', { class: 'crisis' },
      h('h3', { class: 'tone-danger' }, '! ', visible(causeText(crisis.cause))),
      h('p', { class: 'facts' }, t('crisis.since'), ' ', moment(crisis.opened_at), ' · ', crisis.owner ? t('crisis.owned', { owner: title('agents', crisis.owner) }) : t('crisis.unowned'),
        crisis.kinds.length > 0 ? ` · ${crisis.kinds.map((kind) => title('categories', kind)).join(', ')}` : ''),
      crisis.reason ? h('p', { dir: 'auto' }, visible(crisis.reason)) : null,
      h('p', {}, t('crisis.figures', { tickets: number(figures.tickets ?? crisis.tickets_at_opening), angry: number(figures.angry ?? crisis.angry_at_opening), answered: number(figures.answered ?? 0) })),
      crisis.checklist.length > 0 ? h('ol', { class: 'steps' }, crisis.checklist.map((/** @type {any} */ item, /** @type {number} */ index) => h('li', {}, h('label', { class: 'check' },
        h('input', { type: 'checkbox', checked: item.done, disabled: !mayChange, onchange: (/** @type {any} */ event) => change(at`/v1/crises/${crisis.crisis}/checklist`, { item: index + 1, done: event.target.checked }) }),
        h('span', { dir: 'auto' }, visible(item.texts?.[language] ?? item.text)))))) : null,
      crisis.answers.length > 0 ? [h('h4', {}, t('crisis.answers')), h('ul', {}, crisis.answers.map((/** @type {any} */ answer) => h('li', {}, h('label', { class: 'check' },
        h('input', { type: 'checkbox', role: 'switch', checked: answer.on, disabled: !mayChange, onchange: (/** @type {any} */ event) => change(at`/v1/crises/${crisis.crisis}/answers`, { answer: answer.answer, on: event.target.checked }) }),
        h('span', { dir: 'auto' }, visible(answer.answer), ' · ', h('b', {}, answer.on ? t('crisis.on') : t('crisis.off')))))))] : null,
      mayChange ? h('div', { class: 'actions' }, h('button', { class: 'quiet', onclick: () => setOwner(crisis) }, t('crisis.owner-set')), h('button', { class: 'quiet', onclick: () => end(crisis) }, t('crisis.end'))) : null);
  }

  return {
    element,
    /** @param {any[]} crises */
    show(crises) {
      const next = JSON.stringify(crises);
      if (next === shown) return;
      shown = next;
      const controls = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('button, input')]);
      const focused = controls().indexOf(/** @type {HTMLElement} */ (document.activeElement));
      fill(list, crises.length === 0 ? h('p', { class: 'quiet-text' }, t('crisis.none')) : crises.map(card));
      if (focused >= 0) controls()[focused]?.focus();
    },
  };
}
