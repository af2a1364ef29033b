// Stands in for what Tauri puts into its own windows: the page's commands and events go over HTTP to the bridge.
(() => {
  'use strict';
  // The window is configured with `freezePrototype`.
  Object.freeze(Object.prototype);

  const callbacks = new Map();
  const listeners = new Map();
  const waiting = [];
  let nextId = 1;
  let seen = 0;
  let pending = 0;

  const source = new EventSource('/bridge/events');
  const listening = new Promise((resolve, reject) => {
    source.addEventListener('open', resolve, { once: true });
    source.addEventListener('error', reject, { once: true });
  });
  source.addEventListener('before', ({ data }) => saw(data));
  source.addEventListener('message', (message) => {
    const { event, payload } = JSON.parse(message.data);
    for (const [id, { name, handler }] of listeners) {
      if (name === event) callbacks.get(handler)?.({ event, id, payload });
    }
    saw(message.lastEventId);
  });

  function saw(number) {
    seen = Math.max(seen, Number(number));
    for (const one of waiting.splice(0)) one();
  }

  /** Events go another way than answers. An answer waits until everything that was sent before it has arrived. */
  async function arrived(count) {
    while (seen < count) await new Promise((resolve) => waiting.push(resolve));
  }

  async function call(cmd, args) {
    const answer = await fetch('/bridge/ipc', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cmd, args }),
    });
    const { ok, error, events } = await answer.json();
    await arrived(events);
    if (error !== undefined) throw error;
    return ok;
  }

  async function invoke(cmd, args = {}) {
    if (cmd === 'plugin:event|listen') {
      await listening;
      const id = nextId++;
      listeners.set(id, { name: args.event, handler: args.handler });
      return id;
    }
    if (cmd === 'plugin:event|unlisten') return void listeners.delete(args.eventId);
    pending += 1;
    // What the page does with an answer, such as its next command, comes before the end of this one is counted.
    return call(cmd, args).finally(() => void setTimeout(() => (pending -= 1)));
  }

  function transformCallback(callback, once = false) {
    const id = nextId++;
    callbacks.set(id, (data) => {
      if (once) callbacks.delete(id);
      return callback?.(data);
    });
    return id;
  }

  // For tests: how many commands are under way.
  window.bridge = { pending: () => pending };
  window.isTauri = true;
  window.__TAURI_INTERNALS__ = {
    invoke,
    transformCallback,
    unregisterCallback: (id) => void callbacks.delete(id),
    metadata: { currentWindow: { label: 'main' }, currentWebview: { windowLabel: 'main', label: 'main' } },
  };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = {
    unregisterListener: (_event, id) => void listeners.delete(id),
  };
})();
