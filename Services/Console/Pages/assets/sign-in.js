// Signs in with the secret of a one-time link. The secret is behind the `#` of the address, which browsers send to no server.
import { Problem, call } from './api.js';
import { fill, h } from './dom.js';
import { choose, language, t } from './text.js';
import { sentence } from './notify.js';

const app = /** @type {HTMLElement} */ (document.getElementById('app'));
document.title = `${t('page.sign-in')} · Frontdesk`;

/** @param {...any} content */
function show(...content) {
  fill(app, h('main', { class: 'sign-in' }, h('h1', {}, 'Frontdesk'), ...content,
    h('p', {}, h('button', { class: 'quiet', lang: language === 'zh' ? 'en' : 'zh', onclick: () => choose(language === 'zh' ? 'en' : 'zh') },
      language === 'zh' ? 'English' : '中文'))));
}

async function open() {
  const secret = location.hash.slice(1);
  // The address is no longer of use to anyone who looks at the screen or the history.
  if (secret) history.replaceState(null, '', location.pathname);
  if (!secret) {
    try {
      await call('GET', '/v1/me');
      location.replace('/desk');
    } catch {
      show(h('p', {}, t('sign-in.how')), h('pre', {}, 'frontdesk keys invite --agent agent-007'));
    }
    return;
  }
  // A button, so that programs which look at links in messages do not use it up.
  const button = h('button', { class: 'primary', onclick: () => enter() }, t('sign-in.enter'));
  show(h('p', {}, t('sign-in.ready')), button);
  button.focus();
  async function enter() {
    button.disabled = true;
    try {
      const me = await call('POST', '/v1/sessions', { secret });
      location.replace(me.role === 'agent' || me.role === 'lead' ? '/desk' : '/wallboard');
    } catch (problem) {
      if (problem instanceof Problem && problem.isTemporary) {
        button.disabled = false;
        show(h('p', { role: 'alert' }, sentence(problem)), button);
      } else {
        show(h('p', { role: 'alert' }, t('sign-in.refused')), h('p', {}, t('sign-in.how')), h('pre', {}, 'frontdesk keys invite --agent agent-007'));
      }
    }
  }
}

open();
// A link that is opened in this tab changes only what is behind the `#`.
addEventListener('hashchange', open);
