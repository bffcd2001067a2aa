// Signs in by the company's identity provider, or with the secret of a one-time link, which is behind the `#` of the address: browsers send
// that to no server.
import { Problem, call, get } from './api.js';
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

/** The ways to sign in: the company's providers, if the desk has any, and a link. */
async function offerWays() {
  const to = new URLSearchParams(location.search).get('to');
  const { providers } = await get('/v1/sign-in/providers').catch(() => ({ providers: [] }));
  const buttons = providers.map((/** @type {{provider_id: string, name: string}} */ provider) => {
    const query = new URLSearchParams({ provider: provider.provider_id, lang: language });
    if (to) query.set('to', to);
    return h('a', { class: 'button primary', href: `/v1/sign-in?${query}` }, t('sign-in.company', { name: provider.name }));
  });
  show(...buttons, h('p', {}, t(buttons.length ? 'sign-in.or-link' : 'sign-in.how')), h('pre', {}, 'frontdesk keys invite --agent agent-007'));
  app.querySelector('a')?.focus();
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
      await offerWays();
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
