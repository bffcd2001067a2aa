// Why a ticket is where it is: each decision with its rules or candidates, and what would have changed it, in the reader's language.
import { now } from './clock.js';
import { h, visible } from './dom.js';
import { catalogue, say as sayPlainly } from './phrase.js';
import { fullTime, shortTime } from './text.js';
import { languageName, title } from './titles.js';

/** Candidates that are listed one by one; of the others, one for each reason. */
const candidatesShown = 8;
/** How an agent can be close to the choice. */
const near = new Set(['behind', 'paused', 'refused', 'taken', 'full', 'in_reserve', 'language']);

/** @type {Record<string, (name: string) => string>} */
const names = {
  queue: (name) => title('queues', name), team: (name) => title('teams', name), teams: (name) => title('teams', name),
  skill: (name) => title('skills', name), agent: (name) => title('agents', name), category: (name) => title('categories', name),
  language: languageName, languages: languageName,
};

/**
 * A phrase with the titles of what the policy names, also of what is one of the values of a field.
 * @param {any} phrase
 * @returns {any}
 */
function titled(phrase) {
  if (phrase === null || typeof phrase !== 'object' || !phrase.values) return phrase;
  const { field } = phrase.values;
  const values = Object.entries(phrase.values).map(([key, value]) => {
    const name = names[key === 'value' || key === 'values' ? String(field) : key];
    const one = (/** @type {any} */ each) => (typeof each === 'string' && name ? name(each) : titled(each));
    return [key, Array.isArray(value) ? value.map(one) : one(value)];
  });
  return { ...phrase, values: Object.fromEntries(values) };
}
/** @type {typeof sayPlainly} */
const say = (texts, phrase) => sayPlainly(texts, titled(phrase));

/**
 * The decisions of an answer of `GET /v1/tickets/{id}/explanation`, newest first.
 * @param {any} answer
 */
export async function explanation(answer) {
  const texts = await catalogue('explain');
  /** @param {string} code @param {Record<string, any>} [values] */
  const label = (code, values = {}) => say(texts, { code, values });
  const decisions = (answer.decisions ?? []).slice().reverse();
  const paused = (answer.paused ?? []).map((/** @type {any} */ pause) => h('p', {}, label('label.paused', { agent: pause.agent, reason: pause.because })));
  if (decisions.length === 0) return [h('p', { class: 'empty' }, label('label.none')), ...paused];
  return [...paused, ...decisions.map(decisionView)];

  /** @param {any} decision */
  function decisionView(decision) {
    return h('div', { class: 'decision' },
      h('p', {}, h('time', { title: fullTime(decision.at), datetime: decision.at }, shortTime(decision.at, now())), ' ', h('strong', {}, label(`kind.${decision.kind}`))),
      decision.gap ? h('p', {}, say(texts, decision.gap)) : null,
      (decision.summary ?? []).map((/** @type {any} */ phrase) => h('p', {}, visible(say(texts, phrase)))),
      decision.rules ? rules(decision.rules) : null,
      decision.candidates ? offer(decision) : null,
      changes(decision.alternatives ?? []),
      decision.replayed_bit_by_bit === null || decision.replayed_bit_by_bit === undefined ? null
        : h('p', { class: 'quiet-text' }, label(decision.replayed_bit_by_bit ? 'label.same' : 'label.different', { version: String(decision.policy) })));
  }

  /** @param {any[]} verdicts */
  function rules(verdicts) {
    const last = verdicts.findIndex((verdict) => verdict.outcome === 'decided');
    const shown = last < 0 ? verdicts : verdicts.slice(0, last + 1).concat(verdicts.slice(last + 1).filter((verdict) => verdict.outcome === 'later'));
    if (shown.length === 0) return null;
    return h('details', { open: last >= 0 && shown.length <= candidatesShown }, h('summary', {}, label('label.rules')),
      h('ul', {}, shown.map((verdict) => h('li', {}, h('strong', { dir: 'auto' }, visible(verdict.rule)), ` · ${label(`outcome.${verdict.outcome}`)}`,
        verdict.outcome === 'failed' ? h('ul', {}, failures(verdict.condition).map((part) => h('li', { dir: 'auto' },
          visible(say(texts, { ...part.requirement, text: part.asked })), part.found ? [' – ', visible(say(texts, { ...part.found, text: part.seen }))] : ''))) : null))));
  }

  /** @param {any} decision */
  function offer(decision) {
    const { chosen } = decision;
    const others = decision.candidates.filter((/** @type {any} */ candidate) => candidate.status !== 'asked');
    const listed = others.filter((/** @type {any} */ candidate) => near.has(candidate.status)).slice(0, candidatesShown);
    /** @type {Map<string, any[]>} */
    const rest = new Map();
    for (const candidate of others) if (!listed.includes(candidate)) rest.set(candidate.status, [...rest.get(candidate.status) ?? [], candidate]);
    const because = (/** @type {any} */ candidate) => ({ ...candidate.because, text: candidate.reason });
    return [
      h('p', {}, chosen.agent ? label('label.offered', { agent: chosen.agent, reason: chosen.because }) : label('label.nobody')),
      (decision.turns ?? []).map((/** @type {any} */ phrase) => h('p', {}, say(texts, phrase))),
      h('p', {}, label('label.needed', { requirements: decision.requirements })),
      others.length === 0 ? null : h('details', {}, h('summary', {}, label('label.candidates')), h('ul', {},
        listed.map((/** @type {any} */ candidate) => h('li', {}, h('strong', { dir: 'auto' }, title('agents', candidate.agent)), ` · ${say(texts, because(candidate))}`,
          candidate.wants ? h('br') : null, candidate.wants ? h('span', { class: 'quiet-text' }, label('label.would', { wants: candidate.wants })) : null)),
        [...rest.values()].map((candidates) => h('li', {}, label('label.rest', { count: candidates.length, agent: candidates[0].agent, reason: because(candidates[0]) })))))];
  }

  /** @param {any[]} alternatives */
  function changes(alternatives) {
    if (alternatives.length === 0) return null;
    return h('div', { class: 'what-if' }, h('h3', {}, label('label.change')), h('ul', {}, alternatives.map((alternative) => h('li', { dir: 'auto' },
      visible(alternative.changed.length === 1 && alternative.changed[0].code.startsWith('if.') ? say(texts, alternative.changed[0]) : label('label.if', { changes: alternative.changed })),
      ' → ', visible(say(texts, alternative.outcome))))));
  }
}

/**
 * The leaves of a condition that made it fail.
 * @param {any} trace
 * @returns {any[]}
 */
function failures(trace) {
  if (trace.holds) return [];
  const failed = (trace.parts ?? []).flatMap(failures);
  return failed.length > 0 ? failed : [trace];
}
