// The call-back of a ticket: promised, moved, handed over, done.
import { at, call } from './api.js';
import { now } from './clock.js';
import { ask } from './dialogs.js';
import { h } from './dom.js';
import { notify } from './notify.js';
import { dayTime, fullTime, span, t, word } from './text.js';

/** @param {Parameters<typeof import('./callback-time.js').askTime>} wanted */
const askTime = async (...wanted) => (await import('./callback-time.js')).askTime(...wanted);

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
