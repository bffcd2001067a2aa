// An offer: the customer's text, why it came, how long it waits.
import { at, call, Problem } from './api.js';
import { now } from './clock.js';
import { fill, h, setText, visible } from './dom.js';
import { notify } from './notify.js';
import { nearest, promiseElement, showPromise } from './promise.js';
import { span, t, word } from './text.js';
import { title } from './titles.js';

/**
 * @param {any} offer as in the stream
 * @param {{accepted: (ticket: any) => void, gone: () => void, lost: () => void}} actions
 */
export function offerCard(offer, actions) {
  const ticket = offer.ticket;
  const ends = Date.parse(offer.expires_at);
  const from = now();
  let isAnswered = false;
  const left = h('span', { class: 'offer-left' });
  const share = h('span', {});
  const promise = promiseElement();
  const accept = h('button', { class: 'primary', onclick: () => answer('accept') }, t('accept'), ' ', h('kbd', {}, 'a'));
  const decline = h('button', { onclick: () => answer('decline') }, t('decline'), ' ', h('kbd', {}, 'd'));
  const last = ticket.messages?.at(-1);
  const element = h('article', { class: 'offer', 'aria-label': t('offer.of', { customer: ticket.customer }) },
    h('div', { class: 'offer-head' }, h('strong', {}, t('offer')), h('span', { class: 'offer-bar', 'aria-hidden': 'true' }, share), left),
    h('p', { class: 'offer-text', dir: 'auto' }, last ? visible(last.text.slice(0, 400)) : t('offer.no-text')),
    h('p', { class: 'offer-why' }, why(ticket)),
    promise,
    h('div', { class: 'actions' }, accept, decline));

  /** @param {'accept' | 'decline'} how */
  async function answer(how) {
    if (isAnswered) return;
    isAnswered = true;
    accept.disabled = decline.disabled = true;
    try {
      const result = await call('POST', at`/v1/offers/${offer.offer_id}/` + how);
      if (how === 'accept') actions.accepted(result);
      else actions.gone();
    } catch (problem) {
      if (problem instanceof Problem && problem.isTemporary) {
        isAnswered = false;
        accept.disabled = decline.disabled = false;
        notify(problem);
      } else {
        actions.lost();
      }
    }
  }

  function tick() {
    const rest = ends - now();
    setText(left, span(rest));
    share.style.setProperty('inline-size', `${Math.max(0, Math.min(100, (rest / Math.max(1, ends - from)) * 100))}%`);
    showPromise(promise, nearest(ticket));
  }
  element.tick = tick;
  element.show = () => tick();
  element.accept = () => answer('accept');
  element.decline = () => answer('decline');
  element.isAnswered = () => isAnswered;
  tick();
  return element;
}

/**
 * Why the ticket came to this agent, in one line.
 * @param {API.Ticket} ticket
 */
function why(ticket) {
  const parts = [ticket.queue ? title('queues', ticket.queue) : '', word('priority', ticket.priority)];
  if (ticket.tier !== 'standard') parts.push(word('tier', ticket.tier));
  if (ticket.labels) parts.push(t('offer.because', { category: title('categories', ticket.labels.category) }));
  if (ticket.skills?.length) parts.push(t('offer.skills', { skills: ticket.skills.map((/** @type {any} */ skill) => title('skills', skill.skill)).join(', ') }));
  return parts.filter(Boolean).join(' · ');
}
export { fill };
