// Quality: inspections to score and appeals to decide, replies that a rule intercepted, and their report.
import { at, call, get } from './api.js';
import { fill, h, shortID, visible } from './dom.js';
import { appealText, scoreTable } from './inspections.js';
import { addressed, groupName, moment, pagedList, table } from './listing.js';
import { failing, notify } from './notify.js';
import { dayTime, language, number, pair, percent, t, word } from './text.js';
import { title } from './titles.js';
import { guarded, mayLeave } from './unsaved.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const views = ['inspections', 'interceptions', 'report'];
  let view = views.includes(location.hash.slice(1)) ? location.hash.slice(1) : 'inspections';
  const tabs = views.map((name) => h('button', { class: 'tab', role: 'tab', data: { name }, onclick: async () => await mayLeave() && choose(name) }, t(`quality.${name}`)));
  const content = h('div', { class: 'list-page', role: 'tabpanel' });
  fill(body, h('div', { class: 'list-page' }, h('div', { class: 'tabs', role: 'tablist', 'aria-label': t('page.quality') }, tabs)), content);
  const mayScore = me.role === 'lead' && !me.read_only;
  const link = (/** @type {string} */ id) => h('a', { href: `/tickets?ticket=${encodeURIComponent(id)}` }, shortID(id));

  /** @param {string} name */
  function choose(name) {
    view = name;
    history.replaceState(null, '', `/quality${location.search}#${name}`);
    for (const tab of tabs) tab.setAttribute('aria-selected', String(tab.dataset.name === view));
    if (view === 'inspections') inspections();
    else if (view === 'interceptions') interceptions();
    else report();
  }

  // --- Inspections ----------------------------------------------------------------------------------------------------

  function inspections() {
    const state = h('select', { name: 'state' }, h('option', { value: '' }, t('filter.any')), ['waiting', 'scored', 'appealed', 'upheld', 'changed'].map((name) => h('option', { value: name }, word('quality.state', name))));
    const address = addressed('/quality', { state });
    const list = pagedList({
      fetchPage: async (before) => {
        const page = await get(`/v1/inspections?${new URLSearchParams({ ...address.values(), limit: '50', ...(before ? { before } : {}) })}`);
        return { rows: page.inspections, next: page.next };
      },
      empty: () => h('p', {}, t('quality.none')),
      show: (rows) => table(t('quality.inspections'), [{ title: t('tickets.find') }, { title: t('people.agent') }, { title: t('wall.queue') }, { title: t('quality.cause') }, { title: t('filter.state') },
        { title: t('quality.result'), isFigure: true }, { title: t('quality.sampled') }, { title: '' }],
      rows.map((/** @type {any} */ row) => [link(row.ticket_id), title('agents', row.agent), row.queue ? title('queues', row.queue) : '–', word('quality.cause', row.cause), word('quality.state', row.state),
        row.percent === null ? '–' : t('quality.percent', { percent: number(row.percent) }), moment(row.sampled_at),
        h('button', { class: 'quiet', onclick: () => inspection(row.inspection_id) }, row.state === 'waiting' && mayScore ? t('quality.score') : row.state === 'appealed' && mayScore ? t('quality.decide') : t('tickets.open'))])),
    });
    fill(content, h('div', { class: 'filters', onchange: () => {
      address.keep();
      history.replaceState(null, '', `${location.pathname}${location.search}#inspections`);
      list.load();
    } }, h('label', {}, t('filter.state'), state)), h('section', {}, list.element));
    list.load();
  }

  /** @param {string} id */
  async function inspection(id) {
    fill(content, h('p', { class: 'loading' }, t('loading')));
    try {
      const found = await get(at`/v1/inspections/${id}`);
      const ticket = await get(at`/v1/tickets/${found.ticket_id}`).catch(() => null);
      showInspection(found, ticket);
    } catch (problem) {
      failing(content, problem, () => inspection(id));
    }
  }

  /**
   * Fields for the scores of every criterion.
   * @param {{criterion: string, title: string, scale: number, score?: number}[]} criteria
   */
  function scoreFields(criteria) {
    const rows = criteria.map((criterion) => ({ criterion,
      score: h('input', { type: 'number', min: 0, max: criterion.scale, step: 1, required: true, value: criterion.score ?? '', inputmode: 'numeric', 'aria-label': criterion.title }),
      comment: h('input', { maxlength: 1000, dir: 'auto', 'aria-label': pair(criterion.title, t('quality.comment')) }) }));
    return { element: h('table', { class: 'scores' }, h('tbody', {}, rows.map((row) => h('tr', {}, h('th', { scope: 'row', dir: 'auto' }, row.criterion.title),
      h('td', {}, row.score, ` / ${number(row.criterion.scale)}`), h('td', {}, row.comment))))),
    values: () => rows.map((row) => ({ criterion: row.criterion.criterion, score: Number(row.score.value), ...(row.comment.value.trim() ? { comment: row.comment.value.trim() } : {}) })) };
  }

  /** @param {any} found @param {API.Ticket} ticket */
  function showInspection(found, ticket) {
    /** @param {string} path @param {any} answer */
    const send = async (path, answer) => {
      try {
        await call('POST', at`/v1/inspections/${found.inspection_id}/` + path, answer);
        notify(t('tickets.done'), 'good');
        inspection(found.inspection_id);
      } catch (problem) {
        notify(problem);
      }
    };
    let act = null;
    if (mayScore && found.state === 'waiting') {
      const fields = scoreFields((found.form ?? []).map((/** @type {any} */ line) => ({ ...line, title: line.title?.[language] ?? line.criterion })));
      const remark = h('textarea', { rows: 3, maxlength: 1000, dir: 'auto' });
      act = (found.form ?? []).length === 0 ? h('p', {}, t('quality.no-form')) : guarded(h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        send('score', { scores: fields.values(), ...(remark.value.trim() ? { remark: remark.value.trim() } : {}) });
      } }, fields.element, h('label', {}, t('quality.remark'), remark), h('button', { class: 'primary' }, t('quality.score'))));
    } else if (mayScore && found.state === 'appealed') {
      const fields = scoreFields(found.scores.map((/** @type {any} */ line) => ({ ...line, title: line.title ?? line.criterion })));
      const outcome = h('select', {}, ['upheld', 'changed'].map((name) => h('option', { value: name }, t(`quality.outcome.${name}`))));
      const reason = h('textarea', { rows: 3, maxlength: 1000, required: true, dir: 'auto' });
      fields.element.hidden = true;
      const inputs = () => [...fields.element.querySelectorAll('input')].forEach((input) => (input.disabled = fields.element.hidden));
      outcome.addEventListener('change', () => {
        fields.element.hidden = outcome.value !== 'changed';
        inputs();
      });
      inputs();
      act = guarded(h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (reason.value.trim()) send('decision', { outcome: outcome.value, reason: reason.value.trim(), ...(outcome.value === 'changed' ? { scores: fields.values() } : {}) });
      } }, h('label', {}, t('quality.decide'), outcome), fields.element, h('label', {}, t('quality.decision-why'), reason), h('button', { class: 'primary' }, t('quality.decide'))));
    }
    fill(content, h('p', {}, h('button', { class: 'quiet', onclick: async () => await mayLeave() && inspections() }, t('quality.back'))),
      h('section', {}, h('h2', {}, `${title('agents', found.agent)} · `, link(found.ticket_id), ` · ${word('quality.state', found.state)}`),
        h('p', { class: 'facts' }, [found.queue ? title('queues', found.queue) : '', word('quality.cause', found.cause), found.inspector ? t('quality.by', { who: found.inspector }) : '',
          found.inspected_at ? dayTime(found.inspected_at) : ''].filter(Boolean).join(' · ')),
        found.percent === null ? null : h('p', {}, h('strong', {}, t('quality.percent', { percent: number(found.percent) }))),
        scoreTable(found.scores, t('quality.scores')), found.remark ? h('p', { class: 'message-text', dir: 'auto' }, visible(found.remark)) : null, appealText(found.appeal), act),
      h('section', {}, h('h2', {}, t('conversation')), ticket === null ? h('p', { class: 'quiet-text' }, t('conversation.gone')) : h('ol', {}, (ticket.messages ?? []).map((/** @type {API.Message} */ message) =>
        h('li', { class: `message ${message.kind}` }, h('p', { class: 'message-head' }, h('span', { dir: 'auto' }, message.kind === 'customer' ? visible(ticket.customer) : message.author), moment(message.at)),
          h('p', { class: 'message-text', dir: 'auto' }, visible(message.text)))))));
  }

  // --- Interceptions --------------------------------------------------------------------------------------------------

  function interceptions() {
    const list = pagedList({
      fetchPage: async (before) => {
        const page = await get(`/v1/interceptions?${new URLSearchParams({ limit: '50', ...(before ? { before } : {}) })}`);
        return { rows: page.interceptions, next: page.next };
      },
      empty: () => h('p', {}, t('intercepted.none')),
      show: (rows) => table(t('quality.interceptions'), [{ title: t('intercepted.at') }, { title: t('tickets.find') }, { title: t('people.agent') }, { title: t('wall.queue') }, { title: t('intercepted.found') }, { title: t('intercepted.sent') }, { title: t('composer.text') }],
        rows.map((/** @type {any} */ row) => [moment(row.at), link(row.ticket_id), title('agents', row.agent), row.queue ? title('queues', row.queue) : '–',
          h('ul', {}, row.findings.map((/** @type {any} */ finding) => h('li', {}, h('q', { dir: 'auto' }, visible(finding.term)), ` ${finding.rule} · ${word('intercepted.action', finding.action)}`))),
          row.sent ? t('intercepted.yes') : { text: t('intercepted.no'), tone: 'warning' }, row.has_text ? reveal(row.interception_id) : '–'])),
    });
    fill(content, h('section', {}, list.element));
    list.load();
  }

  /**
   * The text of an intercepted reply, behind a click that is recorded.
   * @param {string} id
   */
  function reveal(id) {
    const place = h('span', {}, h('button', { class: 'quiet', onclick: async () => {
      try {
        const answer = await get(at`/v1/interceptions/${id}/text`);
        fill(place, h('span', { class: 'message-text', dir: 'auto' }, answer.text ? visible(answer.text) : t('none')));
      } catch (problem) {
        notify(problem);
      }
    } }, t('intercepted.show')));
    return place;
  }

  // --- Report ---------------------------------------------------------------------------------------------------------

  function report() {
    const by = h('select', { name: 'by' }, ['agent', 'queue', 'criterion', 'day'].map((name) => h('option', { value: name }, t(`report.${name}`))));
    const fields = { by, from: h('input', { type: 'date', name: 'from' }), to: h('input', { type: 'date', name: 'to' }) };
    const address = addressed('/quality', fields);
    const result = h('section', {});
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    async function load() {
      address.keep();
      history.replaceState(null, '', `${location.pathname}${location.search}#report`);
      const query = new URLSearchParams({ ...address.values(), zone });
      fill(result, h('p', { class: 'loading' }, t('loading')));
      try {
        const answer = await get(`/v1/inspection-report?${query}`);
        const names = Object.keys(answer.total);
        const cells = (/** @type {string} */ title, /** @type {any} */ row) => [title, ...names.map((name) => (row[name] === null ? '–' : name === 'share_sampled' ? percent(row[name]) : number(row[name])))];
        fill(result, h('p', {}, h('a', { href: `/v1/inspection-report.csv?${query}`, download: 'inspections.csv' }, t('reports.table'))),
          table(t('quality.report'), ['group', ...names].map((name) => ({ title: t(`column.${name}`), isFigure: name !== 'group' })),
            [...answer.rows.map((/** @type {any} */ row) => cells(groupName(by.value, row.group), row)), cells(t('quality.total'), answer.total)]));
      } catch (problem) {
        failing(result, problem, load);
      }
    }
    fill(content, h('form', { class: 'filters', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      load();
    } }, h('label', {}, t('reports.by'), by), h('label', {}, t('reports.from'), fields.from), h('label', {}, t('reports.to'), fields.to), h('button', { class: 'primary' }, t('reports.show'))), result);
    load();
  }

  choose(view);
}
