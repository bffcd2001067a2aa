// One ticket for those who oversee: its conversation, decisions and timeline.
import { at, call, get } from './api.js';
import { fill, h, visible } from './dom.js';
import { moment } from './listing.js';
import { failing, notify } from './notify.js';
import { lines } from './side.js';
import { t, word } from './text.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const id = h('input', { type: 'search', name: 'ticket', required: true, size: 40, placeholder: t('tickets.hint') });
  const result = h('div', { class: 'list-page' });
  fill(body, h('div', { class: 'list-page' }, h('form', { class: 'filters', onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    load(id.value.trim());
  } }, h('label', {}, t('tickets.find'), id), h('button', {}, t('tickets.open')))), result);
  const mayChange = !me.read_only && (me.role === 'lead' || me.role === 'operator');

  /** @param {string} ticketID */
  async function load(ticketID) {
    history.replaceState(null, '', `/tickets?ticket=${encodeURIComponent(ticketID)}`);
    fill(result, h('p', { class: 'loading' }, t('loading')));
    try {
      const [ticket, timeline, explanation] = await Promise.all([
        get(at`/v1/tickets/${ticketID}`), get(at`/v1/tickets/${ticketID}/timeline?limit=100`), get(at`/v1/tickets/${ticketID}/explanation?limit=5`)]);
      show(ticket, timeline, explanation);
    } catch (problem) {
      failing(result, problem, () => load(ticketID));
    }
  }

  /** @param {any} ticket @param {any} timeline @param {any} explanation */
  function show(ticket, timeline, explanation) {
    const priority = h('select', {}, ['low', 'normal', 'high', 'urgent'].map((name) => h('option', { value: name }, word('priority', name))));
    priority.value = ticket.priority;
    const reason = h('input', { maxlength: 500, required: true });
    fill(result,
      h('section', {}, h('h2', { dir: 'auto' }, visible(ticket.customer)), h('p', { class: 'facts' }, [ticket.channel, ticket.queue, word('priority', ticket.priority), word('state', ticket.state), ticket.agent].filter(Boolean).join(' · ')),
        h('ol', {}, ticket.messages.map((/** @type {any} */ message) => h('li', { class: `message ${message.kind}` }, h('p', { class: 'message-head' }, h('span', { dir: 'auto' }, visible(message.kind === 'customer' ? ticket.customer : message.author)), moment(message.at)), h('p', { class: 'message-text', dir: 'auto' }, visible(message.text)))))),
      mayChange && ticket.state !== 'closed' ? h('section', {}, h('form', { class: 'filters', onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        try {
          await call('POST', at`/v1/tickets/${ticket.ticket_id}/priority`, { priority: priority.value, reason: reason.value.trim() });
          load(ticket.ticket_id);
        } catch (problem) {
          notify(problem);
        }
      } }, h('label', {}, t('tickets.priority'), priority), h('label', {}, t('reason'), reason), h('button', {}, t('tickets.priority')))) : null,
      h('section', {}, h('h2', {}, t('explanation')), (explanation.decisions ?? []).slice().reverse().map((/** @type {any} */ decision) => h('pre', { class: 'facts-text' }, lines(decision)))),
      h('section', {}, h('h2', {}, t('timeline')), h('ol', { class: 'timeline' }, timeline.entries.map((/** @type {any} */ entry) => h('li', {}, moment(entry.at), ' ', h('strong', {}, word('event', entry.kind)), ' ', h('span', { class: 'quiet-text' }, entry.actor))))));
  }

  const given = new URLSearchParams(location.search).get('ticket');
  if (given) {
    id.value = given;
    load(given);
  }
}
