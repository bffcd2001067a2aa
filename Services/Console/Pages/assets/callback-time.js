// What is asked when a call-back is promised or moved: when, and by whom.
import { get } from './api.js';
import { now } from './clock.js';
import { ask } from './dialogs.js';
import { fill, h } from './dom.js';
import { t, word } from './text.js';
import { title as titleOf } from './titles.js';

/**
 * A time as the value of an `input` of the kind `datetime-local`.
 * @param {number} time
 */
function local(time) {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Nine o'clock on the next day, in the reader's zone. */
function tomorrow() {
  const date = new Date(now());
  date.setDate(date.getDate() + 1);
  date.setHours(9, 0, 0, 0);
  return date.getTime();
}

/**
 * When and who: a new call-back, or another time or owner of one.
 * @param {string} title
 * @param {any} known the call-back that is moved; null for a new one
 * @param {string | null} agent who calls unless another is chosen
 * @returns {Promise<{due_at?: string, owner?: string, reason?: string} | null>}
 */
export function askTime(title, known, agent) {
  return ask(title, (done) => {
    const from = now();
    const isBroken = Boolean(known?.broken_at);
    const due = h('input', { type: 'datetime-local', name: 'due', required: !isBroken, min: local(from + 60_000), max: local(from + 89 * 86_400_000),
      value: local(known && !isBroken ? Date.parse(known.due_at) : from + 3_600_000) });
    const owner = h('select', { name: 'owner' }, h('option', { value: known?.owner ?? agent ?? '' }, known?.owner ?? agent ?? t('none')));
    const reason = h('input', { name: 'reason', maxlength: 500 });
    get('/v1/directory').then((directory) => {
      const chosen = owner.value;
      fill(owner, directory.agents.map((/** @type {any} */ entry) => h('option', { value: entry.agent }, `${titleOf('agents', entry.agent)} · ${word('presence', entry.presence)}`)));
      owner.value = chosen;
    }, () => {});
    const presets = [{ title: t('callback.half-hour'), minutes: 30 }, { title: t('callback.two-hours'), minutes: 120 }].map(({ title: text, minutes }) =>
      h('button', { type: 'button', class: 'quiet', onclick: () => (due.value = local(now() + minutes * 60_000)) }, text));
    return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const time = new Date(due.value);
      /** @type {{due_at?: string, owner?: string, reason?: string}} */
      const wanted = {};
      if (!isBroken && due.value && (!known || local(Date.parse(known.due_at)) !== due.value)) wanted.due_at = time.toISOString();
      if (owner.value && owner.value !== known?.owner) wanted.owner = owner.value;
      if (reason.value.trim()) wanted.reason = reason.value.trim();
      done(wanted);
    } },
      isBroken ? h('p', { class: 'quiet-text' }, t('callback.broken-stays')) : [h('label', {}, t('callback.due'), due),
        h('div', { class: 'actions' }, presets, h('button', { type: 'button', class: 'quiet', onclick: () => (due.value = local(tomorrow())) }, t('callback.tomorrow')))],
      h('label', {}, t('callback.owner'), owner), h('label', {}, t('reason.optional'), reason), h('button', { class: 'primary' }, title))];
  });
}
