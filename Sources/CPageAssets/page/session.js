// Logging in where the server asks for a key. The page hands the key over once and keeps nothing: a cookie that scripts
// cannot read stands for it.
import { byId, problem, replace } from './dom.js';
import { api } from './api.js';

/** Calls `begin` as soon as the library may be seen: at once, or when a key has been given. */
export async function start(begin) {
  const session = await api.session().catch(() => null);
  const leave = byId('leave');
  leave.hidden = !session || session.key_needed || !session.by_key;
  leave.addEventListener('click', async () => {
    await api.logout();
    location.reload();
  });
  if (!session?.key_needed) return begin();
  ask(begin);
}

/** Also when a session has ended in the middle: the page stays as it is behind the dialog. */
export function ask(begin = () => {}) {
  const dialog = byId('login');
  if (dialog.open) return;
  const field = byId('login-key');
  replace(byId('login-problem'));
  byId('login-form').onsubmit = async (event) => {
    event.preventDefault();
    try {
      await api.login(field.value.trim());
      field.value = '';
      dialog.close();
      byId('leave').hidden = false;
      begin();
    } catch (error) {
      replace(byId('login-problem'), problem(error));
      field.focus();
      field.select();
    }
  };
  dialog.oncancel = (event) => event.preventDefault();
  dialog.showModal();
  field.focus();
}
