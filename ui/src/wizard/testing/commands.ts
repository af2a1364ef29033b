import { vi } from 'vitest';

/** Every command as a spy that answers with `answers`, or with null. Give it to `vi.mock` for `lib/bindings`. */
export function fakeBindings(answers: Record<string, unknown> = {}) {
  const spies = new Map<string, ReturnType<typeof vi.fn>>();
  const commands = new Proxy({} as Record<string, ReturnType<typeof vi.fn>>, {
    get(_, name: string) {
      const spy = spies.get(name) ?? vi.fn(async () => ({ status: 'ok', data: answers[name] ?? null }));
      spies.set(name, spy);
      return spy;
    },
  });
  return { commands, events: { progressEvent: { listen: vi.fn(async () => () => {}) } } };
}
