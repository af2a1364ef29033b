import { beforeEach, expect, it, vi } from 'vitest';
import { card, chain, home, journey, ok } from '../../test/wire';
import { App, type Answer } from './app.svelte';
import { toasts } from './toast/toast.svelte';
import type { Problem, ProgressEvent } from './wire';

const commands = vi.hoisted(() => ({
  home: vi.fn(),
  journey: vi.fn(),
  check: vi.fn(),
  cancel: vi.fn(),
  createConnection: vi.fn(),
  goToStep: vi.fn(),
  testSync: vi.fn(),
  waitForConsent: vi.fn(),
}));
const events = vi.hoisted(() => ({ progressEvent: { listen: vi.fn() } }));
vi.mock('./bindings', () => ({ commands, events }));

const problem: Problem = { code: 'invalid-input', field: 'tenant', what: 'Not a tenant.', fix: 'Paste it again.' };
let app: App;

beforeEach(() => {
  vi.resetAllMocks();
  commands.home.mockImplementation(() => ok(home({ connections: [card()] })));
  events.progressEvent.listen.mockResolvedValue(() => {});
  toasts.list = [];
  app = new App();
});

it('opens a connection that is set up in Re-validate and another one in the wizard', async () => {
  await app.start();
  commands.journey.mockImplementation((id: string) => ok(journey({ id })));
  await app.open('c1');
  expect(app.screen).toEqual({ name: 'revalidate', connection: 'c1' });
  await app.open('c2');
  expect(app.screen).toEqual({ name: 'wizard', connection: 'c2' });
  expect(app.journey?.id).toBe('c2');
});

it('stays where it is when a connection cannot be opened, and says why', async () => {
  commands.journey.mockResolvedValue({ status: 'error', error: problem });
  await app.open('c1');
  expect(app.screen.name).toBe('home');
  expect(app.problem).toEqual(problem);
});

it('goes where it was told last, whichever answer comes first', async () => {
  let answerFirst = (_: unknown) => {};
  commands.journey.mockImplementationOnce(() => new Promise((resolve) => (answerFirst = resolve)));
  commands.journey.mockImplementationOnce(() => ok(journey({ id: 'second' })));
  const first = app.open('first');
  await app.open('second');
  answerFirst({ status: 'ok', data: journey({ id: 'first' }) });
  await first;
  expect(app.connection).toBe('second');
  expect(app.journey?.id).toBe('second');
});

it('drops a journey whose screen was left', async () => {
  commands.journey.mockImplementation((id: string) => ok(journey({ id })));
  let answer = (_: unknown) => {};
  commands.check.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  await app.open('c1');
  const check = app.check('gateway');
  await app.open('c2');
  answer({ status: 'ok', data: journey({ id: 'c1', name: 'Late' }) });
  await check;
  expect(app.journey?.id).toBe('c2');
});

it('is busy for as long as a command runs, and keeps its problem', async () => {
  let answer = (_: unknown) => {};
  const running = app.run('save', () => new Promise<Answer<null>>((resolve) => (answer = resolve as typeof answer)));
  expect(app.busy).toBe('save');
  expect(app.running('save')).toBe(true);
  answer({ status: 'error', error: problem });
  expect(await running).toBeNull();
  expect(app.busy).toBeNull();
  expect(app.problem).toEqual(problem);
});

it.each([
  ['a rejection', () => Promise.reject(new Error('secret-canary'))],
  ['a text in place of a problem', () => Promise.resolve({ status: 'error', error: 'secret-canary' } as never)],
])('turns %s into a visible problem that repeats none of it', async (_, call) => {
  expect(await app.run('save', call)).toBeNull();
  expect(app.problem?.code).toBe('internal');
  expect(JSON.stringify(app.problem)).not.toContain('secret-canary');
});

it('tells a cancellation as news, not as a problem', async () => {
  const cancelled: Problem = { code: 'cancelled', field: null, what: 'The check was stopped.', fix: '' };
  await app.run('check', () => Promise.resolve({ status: 'error', error: cancelled }));
  expect(app.problem).toBeNull();
  expect(toasts.list.map((each) => each.text)).toEqual(['The check was stopped.']);
});

it('hears progress of the connection under check and of no other', async () => {
  let answer = (_: unknown) => {};
  commands.check.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  const checking = app.check('gateway', 'c1');
  const told = (connection: string): ProgressEvent => ({
    connection,
    progress: { kind: 'link', link: 'token', state: 'checking', word: 'Checking' },
  });
  app.hear(told('other'));
  expect(app.live).toEqual({});
  app.hear(told('c1'));
  expect(app.live).toEqual({ token: { state: 'checking', word: 'Checking' } });
  answer({ status: 'ok', data: journey() });
  await checking;
  expect(app.live).toEqual({});
});

it('collects the tries while consent arrives', async () => {
  app.screen = { name: 'wizard', connection: 'c1' };
  for (const number of [1, 2]) {
    app.hear({
      connection: 'c1',
      progress: { kind: 'consentTry', number, at: '2026-11-20T13:58:05Z', arrived: [], missing: ['User.Read.All'], nextInMs: 2000 },
    });
  }
  expect(app.consentTries.map((each) => each.number)).toEqual([1, 2]);
});

it('looks again when the browser comes back from the consent page', async () => {
  for (const command of [commands.journey, commands.waitForConsent, commands.check]) {
    command.mockImplementation(() => ok(journey()));
  }
  await app.start();
  await app.open('c1');
  const back = (refused: boolean) => app.hear({ connection: 'c1', progress: { kind: 'consentAnswer', refused } });
  back(false);
  await vi.waitFor(() => expect(commands.waitForConsent).toHaveBeenCalledWith('c1'));
  await vi.waitFor(() => expect(app.busy).toBeNull());
  back(true);
  await vi.waitFor(() => expect(commands.check).toHaveBeenCalledWith('c1', 'consent'));
});

it('ends the wait when the consent page refused', async () => {
  let stop: (answer: unknown) => void = () => {};
  commands.journey.mockImplementation(() => ok(journey()));
  commands.check.mockImplementation(() => ok(journey()));
  commands.waitForConsent.mockImplementation(() => new Promise((resolve) => (stop = resolve)));
  commands.cancel.mockImplementation(() => {
    stop({ status: 'ok', data: journey() });
    return ok(null);
  });
  await app.start();
  await app.open('c1');
  void app.waitForConsent();
  app.hear({ connection: 'c1', progress: { kind: 'consentAnswer', refused: true } });
  await vi.waitFor(() => expect(commands.check).toHaveBeenCalledWith('c1', 'consent'));
  expect(commands.cancel).toHaveBeenCalledWith('c1');
});

it('reads Home again when a journey says something new', async () => {
  await app.start();
  commands.home.mockClear();
  await app.run('check', () => ok(journey()));
  expect(commands.home).not.toHaveBeenCalled();
  await app.run('check', () => ok(journey({ summary: 'Broken at Token', links: chain({ token: 'broken' }) })));
  expect(commands.home).toHaveBeenCalledOnce();
});

it('opens the wizard of a new connection', async () => {
  commands.createConnection.mockImplementation(() => ok(journey({ id: 'new', practice: true })));
  await app.connect('practice');
  expect(commands.createConnection).toHaveBeenCalledWith(true);
  expect(app.screen).toEqual({ name: 'wizard', connection: 'new' });
  expect(app.journey?.id).toBe('new');
});
