// Who is signed in: oneself, or everybody for an operator.
import { at, call, get } from './api.js';
import { fill, h } from './dom.js';
import { keepFresh, moment, table } from './listing.js';
import { notify } from './notify.js';
import { t, word } from './text.js';

/** @param {import('./main.js').Frame} frame */
export async function open({ me, body }) {
  const list = h('section', {});
  fill(body, h('div', { class: 'list-page' }, list));

  /** @param {any} session */
  async function end(session) {
    try {
      await call('DELETE', session.is_current ? '/v1/session' : at`/v1/sessions/${session.session_id}`);
      if (session.is_current) location.assign('/sign-in');
    } catch (problem) {
      notify(problem);
    }
    again();
  }

  const again = keepFresh(list, 15, async () => (await get('/v1/sessions')).sessions, (sessions) => {
    fill(list, sessions.length === 0 ? h('p', { class: 'empty' }, t('sessions.none')) : table(t('page.sessions'), [
      { title: t('sessions.who') }, { title: t('sessions.since') }, { title: t('sessions.seen') }, { title: t('sessions.ends') }, { title: '' },
    ], sessions.map((/** @type {any} */ session) => [
      [session.agent ?? session.label, word('role', session.role), session.is_current ? t('sessions.current') : ''].filter(Boolean).join(' · '),
      moment(session.created_at), moment(session.seen_at), moment(session.expires_at),
      me.read_only ? '' : h('button', { class: 'quiet', onclick: () => end(session) }, session.is_current ? t('sign-out') : t('sessions.end'))])));
  });
}
