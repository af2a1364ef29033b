import { beforeEach, expect, it, vi } from 'vitest';
import { commands } from '../lib/bindings';
import type { ListRow } from '../lib/wire';
import { LINES, Pages } from './pages.svelte';

vi.mock('../lib/bindings', async () => (await import('../wizard/testing/commands')).fakeBindings());

type Answer = Awaited<ReturnType<typeof commands.readList>>;
let answers: Map<number, (answer: Answer) => void>;

beforeEach(() => {
  answers = new Map();
  vi.mocked(commands.readList).mockReset();
  vi.mocked(commands.readList).mockImplementation(
    (_, { page }) => new Promise((resolve) => answers.set(page, resolve)),
  );
});

async function answer(page: number, masked = false): Promise<void> {
  const row = (at: number): ListRow => ({ kind: 'unknown', id: `${page * LINES + at}`, group: 'g', groups: 1 });
  answers.get(page)?.({ status: 'ok', data: { masked, rows: Array.from({ length: LINES }, (_, at) => row(at)) } });
  await Promise.resolve();
  await Promise.resolve();
}

const id = (pages: Pages, place: number) => pages.line(place)?.id;

it('reads the pages in view, each once', async () => {
  const pages = new Pages('c1', 'people');
  pages.want(LINES - 5, LINES + 20);
  pages.want(LINES - 4, LINES + 21);
  expect([...answers.keys()]).toEqual([0, 1]);
  expect(commands.readList).toHaveBeenCalledTimes(2);
  await answer(1);
  expect(pages.line(3)).toBeUndefined();
  expect(id(pages, LINES + 7)).toBe(`${LINES + 7}`);
});

it('keeps what is in view, whatever comes late of what has gone by', async () => {
  const pages = new Pages('c1', 'people');
  for (let page = 0; page < 40; page++) pages.want(page * LINES, page * LINES + 20);
  await answer(39);
  for (let page = 0; page < 39; page++) await answer(page);
  expect(id(pages, 39 * LINES)).toBe(`${39 * LINES}`);
  expect(pages.line(0), 'what is far away is forgotten').toBeUndefined();
  pages.want(0, 20);
  expect(commands.readList).toHaveBeenCalledTimes(41);
});

it('drops an answer that was asked for before names were masked again', async () => {
  const pages = new Pages('c1', 'people');
  pages.want(0, 20);
  pages.reveal(true);
  const revealed = answers.get(0);
  pages.reveal(false);
  revealed?.({ status: 'ok', data: { masked: false, rows: [] } });
  await answer(0, true);
  expect(pages.masked).toBe(true);
  expect(vi.mocked(commands.readList).mock.calls.map(([, form]) => form.reveal)).toEqual([false, true, false]);
});

it('says when lines cannot be read, and asks for them again', async () => {
  const pages = new Pages('c1', 'people');
  pages.want(0, 20);
  const error = { code: 'not-ready' as const, field: null, what: 'No directory has been read yet.', fix: '' };
  answers.get(0)?.({ status: 'error', error });
  await vi.waitFor(() => expect(pages.problem).toBe('No directory has been read yet.'));
  pages.want(0, 20);
  await answer(0);
  expect(pages.problem).toBeNull();
  expect(id(pages, 0)).toBe('0');
});
