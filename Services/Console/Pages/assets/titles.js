// The titles that the policy gives its names, in the reader's language. A name without a title is shown as it is.
import { get } from './api.js';
import { language, t, word } from './text.js';

/** @type {Record<string, any>} */
let titles = {};

/** Reads the titles; without them names are shown. */
export async function loadTitles() {
  try {
    titles = await get('/v1/policy/titles');
  } catch {
    // The strip over the page says that the server does not answer.
  }
}

/**
 * @param {'queues' | 'skills' | 'categories' | 'teams' | 'agents' | 'channels'} section
 * @param {string} name
 * @returns {string}
 */
export const title = (section, name) => titles[section]?.[name]?.[language] ?? name;

const languages = new Intl.DisplayNames(language === 'zh' ? 'zh-CN' : 'en-GB', { type: 'language', fallback: 'code' });
/**
 * The name of a language by its tag; what is no tag stays as it is.
 * @param {string} tag
 */
export function languageName(tag) {
  if (tag === 'other') return t('language.other');
  try {
    return languages.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/**
 * Who took a step of a ticket's timeline, which names them as `agent:NAME`, `service:NAME`, `operator:KEY` or `customer`.
 * @param {string} actor
 */
export function actorName(actor) {
  const [kind, ...rest] = actor.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'customer': return t('customer');
    case 'agent': return title('agents', name);
    case 'service': return word('service', name);
    case 'operator': return t('actor.operator', { key: name.slice(-4) });
    default: return actor;
  }
}
