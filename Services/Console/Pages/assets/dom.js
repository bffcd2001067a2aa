// Elements without markup: every text is set by textContent, so that no string is ever read as HTML.

/**
 * Makes an element.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners, `data` a map of data attributes, the rest attributes; null leaves one out.
 * @param {...Child} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = tag === 'svg' || tag === 'use' || tag === 'path'
    ? document.createElementNS('http://www.w3.org/2000/svg', tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === 'data') Object.assign(/** @type {HTMLElement} */ (element).dataset, value);
    else if (name === 'value') /** @type {any} */ (element).value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Node} parent
 * @param {any[]} children
 */
function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Replaces the content of an element.
 * @param {Element} parent
 * @param {...any} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
  return parent;
}

/**
 * Sets a text if it differs, so that screen readers do not read it again.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * The end of a ticket's identifier, which tells tickets apart; never on two lines.
 * @param {string} id
 */
export const shortID = (id) => h('span', { class: 'short-id' }, `#…${id.slice(-4)}`);

/**
 * What `setVisible` showed last.
 * @type {WeakMap<Element, string>}
 */
const shownTexts = new WeakMap();

/**
 * Sets a customer's text, with hidden characters by their code, if it differs.
 * @param {Element} element
 * @param {string} text
 */
export function setVisible(element, text) {
  if (shownTexts.get(element) === text) return;
  shownTexts.set(element, text);
  fill(element, visible(text));
}

/**
 * A text without characters that hide or mislead.
 * @param {string} text
 */
export const withoutHidden = (text) => text.replace(hidden, (sign, /** @type {number} */ at) => (joins(text, at) ? sign : ''));

/**
 * Brings the children of an element in line with a list; elements that stay keep their focus and scroll position.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make
 * @param {(element: HTMLElement, item: T) => void} update
 */
export function reconcile(parent, items, keyOf, make, update) {
  /** @type {Map<string, HTMLElement>} */
  const known = new Map();
  for (const child of [...parent.children]) {
    if (child instanceof HTMLElement && child.dataset.key !== undefined) known.set(child.dataset.key, child);
  }
  /** @type {Element | null} */
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    let element = known.get(key);
    if (element) known.delete(key);
    else {
      element = make(item);
      element.dataset.key = key;
    }
    update(element, item);
    /** @type {Element | null} */
    const next = before ? before.nextElementSibling : parent.firstElementChild;
    if (next !== element) parent.insertBefore(element, next);
    before = element;
  }
  for (const element of known.values()) element.remove();
}

/**
 * An icon of the sprite with a name for screen readers, or none if the text next to it says the same.
 * @param {string} name
 * @param {string} [label]
 */
export function icon(name, label) {
  const sprite = new URL('icons.svg', import.meta.url).pathname;
  return h('svg', { class: 'icon', role: label ? 'img' : null, 'aria-label': label, 'aria-hidden': label ? null : 'true' },
    h('use', { href: `${sprite}#${name}` }));
}

/** Characters that change how a text is shown without being seen: controls, marks of direction, zero-width and tag characters. */
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e0fff}]/gu;
/** What joins or parts the letters of Persian, Hindi and others, and joins emoji. Between other characters it only hides. */
const joiner = /^[\u200c\u200d]$/;
// Tested with single characters: Chromium's `$` does not find one outside of the basic plane.
const joined = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u;
/** @param {string} text @param {number} at */
const joins = (text, at) => joiner.test(text[at]) && joined.test([...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '') && joined.test([...text.slice(at + 1, at + 3)][0] ?? '');

/**
 * The nodes of a text of a customer: hidden characters are shown by their code, so that a text says what it shows. A joiner between
 * letters or emoji is part of the writing and stays as it is, like the selector of emoji.
 * @param {string} text
 * @param {string} [before] what stands before it, and after it, where a text is shown in parts
 * @param {string} [after]
 * @returns {(Node | string)[]}
 */
export function visible(text, before = '', after = '') {
  const whole = before + text + after;
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(hidden)) {
    const at = match.index ?? 0;
    if (joins(whole, before.length + at)) continue;
    if (at > from) parts.push(text.slice(from, at));
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    parts.push(h('span', { class: 'hidden-character', title: `U+${code}` }, `U+${code}`));
    from = at + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}
