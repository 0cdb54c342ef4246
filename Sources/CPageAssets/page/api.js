// The server's routes. Every failure is an ApiError with a message and a hint that can be shown as they are.

export class ApiError extends Error {
  constructor(status, code, message, hint = '') {
    super(message);
    Object.assign(this, { status, code, hint });
  }
}

const unreachable = () => new ApiError(
  0, 'unreachable', 'the server does not answer', 'see whether footnote serve still runs, then try again');

function failure(status, text) {
  try {
    const { error } = JSON.parse(text);
    return new ApiError(status, error.code, error.message, error.hint);
  } catch {
    return new ApiError(status, 'unexpected', `the server answered with status ${status}`, 'try again');
  }
}

async function request(method, path, body, signal) {
  let response;
  try {
    response = await fetch(path, {
      method, signal, cache: 'no-cache', credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw unreachable();
  }
  if (!response.ok) {
    const error = failure(response.status, await response.text());
    if (response.status === 401 && path !== '/login') onLocked();
    throw error;
  }
  return response;
}

let onLocked = () => {};
/** Told when the server asks for a key in the middle. */
export function whenLocked(listener) { onLocked = listener; }

const enc = encodeURIComponent;

export const dealsApi = {
  list: async () => (await request('GET', '/deals')).json(),
  deal: async (id) => (await request('GET', `/deals/${enc(id)}`)).json(),
  run: async () => (await request('POST', '/deals/run', {})).json(),
  map: async () => (await request('GET', '/map?points=1000')).json(),
  notify: async (id) => (await request('POST', `/deals/${enc(id)}/notify`, {})).json(),
};

export const api = {
  documents: async () => (await (await request('GET', '/documents')).json()).documents ?? [],
  document: async (id) => (await request('GET', `/documents/${enc(id)}`)).json(),
  text: async (id, signal) => (await request('GET', `/documents/${enc(id)}/text`, undefined, signal)).text(),
  remove: async (id) => (await request('DELETE', `/documents/${enc(id)}`)).json(),
  search: async (body, signal) => (await request('POST', '/search', body, signal)).json(),
  whyNot: async (body) => (await request('POST', '/why-not', body)).json(),
  stats: async () => (await request('GET', '/stats')).json(),
  health: async () => (await request('GET', '/health')).json(),
  session: async () => (await request('GET', '/session')).json(),
  login: async (key) => (await request('POST', '/login', { key })).json(),
  logout: async () => (await request('POST', '/logout')).json(),
  report: async () => (await request('GET', '/report?hours=24')).json(),
  pagePicture: (id, page, start, end) =>
    `/documents/${enc(id)}/pages/${page}.png` + (end > start ? `?start=${start}&end=${end}` : ''),
  original: (id) => `/documents/${enc(id)}/original`,
};

/** Asks, and calls `on[event](data)` for each event of the stream. Returns when the stream has ended well. */
export async function ask(body, on, signal) {
  const response = await request('POST', '/query', { ...body, stream: true }, signal);
  if (!(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')) {
    const answer = await response.json();
    on.done?.(answer);
    return;
  }
  let isDone = false;
  for await (const { event, data } of events(response.body)) {
    if (event === 'error') {
      const { error } = data;
      throw new ApiError(200, error.code, error.message, error.hint);
    }
    if (event === 'done') isDone = true;
    on[event]?.(data);
  }
  if (!isDone) {
    throw new ApiError(0, 'cut_off', 'the answer broke off before it was complete', 'ask again');
  }
}

/** Server-sent events of a body, their data parsed as JSON. https://html.spec.whatwg.org/#event-stream-interpretation */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += value.replaceAll('\r\n', '\n');
      let end;
      while ((end = buffer.indexOf('\n\n')) >= 0) {
        const lines = buffer.slice(0, end).split('\n');
        buffer = buffer.slice(end + 2);
        const field = (name) => lines
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
        const data = field('data');
        if (data.length) yield { event: field('event')[0] ?? 'message', data: JSON.parse(data.join('\n')) };
      }
    }
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'cut_off', 'the connection was lost while the answer came in', 'ask again');
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** One file; XMLHttpRequest because fetch does not tell how much of a body has been sent. */
export function upload(file, { collection, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file, file.name);
    if (collection) form.append('collection', collection);
    call.open('POST', '/upload');
    call.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
    call.onload = () => {
      if (call.status < 200 || call.status >= 300) return reject(failure(call.status, call.responseText));
      try { resolve(JSON.parse(call.responseText)); } catch { reject(failure(call.status, '')); }
    };
    call.onerror = () => reject(unreachable());
    call.onabort = () => reject(new ApiError(0, 'cancelled', 'cancelled'));
    signal?.addEventListener('abort', () => call.abort());
    call.send(form);
  });
}
