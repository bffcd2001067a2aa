// The titles that the policy gives its names, in the reader's language. A name without a title is shown as it is.
import { get } from './api.js';
import { language } from './text.js';

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
