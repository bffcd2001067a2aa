// The call-back of a ticket: promised, moved, handed over, done.
import { at, call, get } from './api.js';
import { now } from './clock.js';
import { ask } from './dialogs.js';
import { fill, h } from './dom.js';
import { notify } from './notify.js';
import { dayTime, fullTime, span, t, word } from './text.js';

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
function askTime(title, known, agent) {
  return ask(title, (done) => {
    const from = now();
    const isBroken = Boolean(known?.broken_at);
    const due = h('input', { type: 'datetime-local', name: 'due', required: !isBroken, min: local(from + 60_000), max: local(from + 89 * 86_400_000),
      value: local(known && !isBroken ? Date.parse(known.due_at) : from + 3_600_000) });
    const owner = h('select', { name: 'owner' }, h('option', { value: known?.owner ?? agent ?? '' }, known?.owner ?? agent ?? t('none')));
    const reason = h('input', { name: 'reason', maxlength: 500 });
    get('/v1/directory').then((directory) => {
      const chosen = owner.value;
      fill(owner, directory.agents.map((/** @type {any} */ entry) => h('option', { value: entry.agent }, `${entry.agent} · ${word('presence', entry.presence)}`)));
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

/** @param {string} ticket @param {number} number @param {any} change @param {() => void} changed */
async function set(ticket, number, change, changed) {
  try {
    await call('PUT', at`/v1/tickets/${ticket}/callbacks/${String(number)}`, change);
    notify(t('callback.saved'), 'good');
  } catch (problem) {
    notify(problem);
  }
  changed();
}

/**
 * Whether nothing remains to be done.
 * @param {API.CallBack | null | undefined} callBack
 */
const isFinished = (callBack) => !callBack || Boolean(callBack.ended_at);

/**
 * Promises a call-back of a ticket.
 * @param {API.Ticket} ticket
 * @param {string | null} agent
 * @param {() => void} changed
 */
export async function promiseCallBack(ticket, agent, changed) {
  if (!isFinished(ticket.call_back)) return notify(t('callback.has-one'), 'warning');
  const wanted = await askTime(t('callback.promise'), null, agent);
  if (wanted) await set(ticket.ticket_id, (ticket.call_back?.number ?? 0) + 1, wanted, changed);
}

/**
 * What can be done with an unfinished call-back.
 * @param {API.CallBack & {ticket_id: string}} callBack
 * @param {string | null} agent
 * @param {() => void} changed
 */
export function actions(callBack, agent, changed) {
  const change = async () => {
    const wanted = await askTime(callBack.broken_at ? t('callback.hand-over') : t('callback.move'), callBack, agent);
    if (wanted && (wanted.due_at || wanted.owner)) await set(callBack.ticket_id, callBack.number, wanted, changed);
  };
  const giveUp = async () => {
    const reason = await ask(t('callback.give-up'), (/** @type {(value: string) => void} */ done) => {
      const input = h('input', { name: 'reason', required: true, maxlength: 500 });
      return [h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (input.value.trim()) done(input.value.trim());
      } }, h('p', {}, t('callback.give-up-what')), h('label', {}, t('reason'), input), h('button', { class: 'primary' }, t('callback.give-up')))];
    });
    if (reason) await set(callBack.ticket_id, callBack.number, { state: 'broken', reason }, changed);
  };
  return h('div', { class: 'actions' },
    h('button', { onclick: () => set(callBack.ticket_id, callBack.number, { state: 'kept' }, changed) }, t('callback.called')),
    h('button', { class: 'quiet', onclick: change }, callBack.broken_at ? t('callback.hand-over') : t('callback.move')),
    h('button', { class: 'quiet', onclick: giveUp }, t('callback.give-up')));
}

/**
 * The due time, with how long is left or how late it is.
 * @param {API.CallBack} callBack
 */
export function due(callBack) {
  const left = Date.parse(callBack.due_at) - now();
  const isOpen = !isFinished(callBack);
  const tone = isOpen && left < 0 ? 'tone-danger' : isOpen && left < 15 * 60_000 ? 'tone-warning' : null;
  return h('span', { class: tone }, h('time', { datetime: callBack.due_at, title: fullTime(callBack.due_at) }, dayTime(callBack.due_at)),
    isOpen ? ` · ${left < 0 ? `! ${t('promise.late', { span: span(-left) })}` : t('callback.in', { span: span(left) })}` : '');
}

/**
 * The call-back of a ticket, for the panel next to its conversation.
 * @param {API.Ticket} ticket
 * @param {import('./main.js').Me} me
 * @param {() => void} changed
 */
export function callBackSection(ticket, me, changed) {
  const callBack = ticket.call_back;
  const mayAct = !me.read_only && me.agent && ticket.state !== 'closed';
  return [
    callBack ? h('p', {}, due(callBack)) : h('p', { class: 'quiet-text' }, t('callback.none')),
    callBack ? h('p', { class: 'facts' }, [word('callback.state', callBack.state), callBack.owner ? t('callback.by', { who: callBack.owner }) : t('callback.unassigned'),
      callBack.origin === 'overload' ? t('callback.overload') : '', callBack.moves > 0 ? t('callback.moved', { count: callBack.moves }) : ''].filter(Boolean).join(' · ')) : null,
    callBack && mayAct && !isFinished(callBack) ? actions({ ...callBack, ticket_id: ticket.ticket_id }, me.agent, changed) : null,
    mayAct && isFinished(callBack) ? h('button', { class: 'quiet', onclick: () => promiseCallBack(ticket, me.agent, changed) }, t('callback.promise')) : null,
  ];
}
