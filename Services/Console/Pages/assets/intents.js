// What an operator asks for: the console writes it down, the executor does it. Asked with a reason, followed until it is finished.
import { at, call, get } from './api.js';
import { ask } from './dialogs.js';
import { h } from './dom.js';
import { notify } from './notify.js';
import { number, pair, t, word } from './text.js';
import { guarded } from './unsaved.js';

/** How long a page waits for a result, in milliseconds, and how often it asks. The list of requests goes on showing it. */
const patience = 60_000;
const pause = 500;

/** Identifies the page that looks, so that a repeated click is one request. */
let requests = 0;
const run = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;

/**
 * What came of an intent, as a sentence.
 * @param {any} intent
 */
export function outcome(intent) {
  const result = intent.result;
  if (!result) return t(`intent.${intent.state}`);
  const values = { ...result };
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number') values[name] = name === 'version' || name === 'in_force' ? String(value) : number(value);
  }
  if (Array.isArray(result.changes)) values.changes = result.changes.join('; ');
  if (Array.isArray(result.mistakes) && result.mistakes[0]) values.first = `${result.mistakes[0].line}:${result.mistakes[0].column} ${result.mistakes[0].problem}`;
  const key = `intent.code.${result.code}`;
  const text = t(key, { ...values, count: result.count ?? 0 });
  return text === key ? pair(t(`intent.${intent.state}`), result.problem ?? result.code) : text;
}

/** @param {string} state */
export const tone = (state) => state === 'done' ? 'good' : state === 'refused' || state === 'failed' ? 'danger' : 'warning';

/**
 * The name of what was asked for, with its parameters.
 * @param {any} intent
 */
export function what(intent) {
  const kind = intent.kind === 'workers.scale' && intent.parameters.automatic ? 'workers.automatic' : intent.kind;
  const named = t(`intent.kind.${kind}`, { ...intent.parameters, label: intent.parameters.label || intent.parameters.key || '' });
  return named.startsWith('intent.kind.') ? intent.kind : named;
}

/**
 * Asks for something and follows it until it is finished or `patience` has passed.
 * @param {string} path
 * @param {any} body with a reason
 * @param {(intent: any) => void} [show] called with each state
 * @returns {Promise<any>} the intent as it was last seen; null if it was not accepted, which is shown
 */
export async function request(path, body, show = () => {}) {
  requests += 1;
  try {
    let intent = await call('POST', path, body, { key: `${run}-${requests}` });
    show(intent);
    const end = performance.now() + patience;
    while (intent.finished_at === null && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const next = await get(at`/v1/intents/${intent.intent_id}`).catch(() => null);
      if (next) intent = next;
      show(intent);
    }
    if (intent.finished_at === null) notify(t('intent.waits'), 'warning', true);
    else notify(pair(what(intent), outcome(intent)), intent.state === 'done' ? 'good' : 'danger');
    return intent;
  } catch (problem) {
    notify(problem);
    return null;
  }
}

/**
 * A dialog that asks for a reason, and for what `fields` adds.
 * @param {string} title
 * @param {string} act the word on the button
 * @param {Record<string, any>} [fields] labelled inputs by their text
 * @param {string} [explanation]
 * @returns {Promise<string | null>} the reason
 */
export function askReason(title, act, fields = {}, explanation = '') {
  return ask(title, (/** @type {(value: string) => void} */ done) => {
    const reason = h('input', { required: true, maxlength: 500, name: 'reason', autocomplete: 'off' });
    return [guarded(h('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      if (reason.value.trim()) done(reason.value.trim());
    } }, explanation ? h('p', {}, explanation) : null,
    Object.entries(fields).map(([label, input]) => h('label', {}, label, input)),
    h('label', {}, t('reason'), reason), h('button', { class: 'primary' }, act)))];
  });
}

/**
 * The cells of an intent in a list.
 * @param {any} intent
 */
export function state(intent) {
  return { text: `${word('intent', intent.state)}${intent.result ? ` · ${outcome(intent)}` : ''}`, tone: tone(intent.state) };
}
