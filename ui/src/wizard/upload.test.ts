import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import { UploadWatch } from './upload.svelte';

vi.mock('../lib/bindings', async () => (await import('./testing/commands')).fakeBindings());

type Try = 'accepted' | 'not-yet' | 'refused' | 'unreached';
const tries = () => vi.mocked(commands.tryCredential).mock.calls.length;
const answer = (data: Try) => vi.mocked(commands.tryCredential).mockResolvedValue({ status: 'ok', data });
const hide = (hidden: boolean) => vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

beforeEach(() => {
  vi.clearAllMocks();
  vi.useFakeTimers();
  hide(false);
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
});
afterEach(() => vi.useRealTimers());

it('tries every five seconds, and checks once when the certificate is accepted', async () => {
  answer('not-yet');
  const watch = new UploadWatch('c1');
  watch.start();
  await seconds(4);
  expect(tries()).toBe(0);
  await seconds(12);
  expect(tries()).toBe(3);
  expect(commands.check).not.toHaveBeenCalled();
  answer('accepted');
  await seconds(5);
  expect(watch.state).toBe('accepted');
  expect(commands.check).toHaveBeenCalledExactlyOnceWith('c1', 'credential');
  await seconds(60);
  expect(tries()).toBe(4);
});

it('rests while the window is hidden', async () => {
  answer('not-yet');
  const watch = new UploadWatch('c1');
  watch.start();
  hide(true);
  await seconds(60);
  expect(tries()).toBe(0);
  hide(false);
  await seconds(5);
  expect(tries()).toBe(1);
  watch.stop();
});

it('stops when it is told to, also while a try is under way', async () => {
  let say: (data: Try) => void = () => {};
  vi.mocked(commands.tryCredential).mockReturnValue(
    new Promise((resolve) => (say = (data) => resolve({ status: 'ok', data }))),
  );
  const watch = new UploadWatch('c1');
  watch.start();
  await seconds(5);
  expect(tries()).toBe(1);
  watch.stop();
  say('accepted');
  await seconds(30);
  expect(watch.state).toBe('stopped');
  expect(tries()).toBe(1);
  expect(commands.check).not.toHaveBeenCalled();
});

it('gives up after ten minutes', async () => {
  answer('not-yet');
  const watch = new UploadWatch('c1');
  watch.start();
  await seconds(610);
  expect(watch.state).toBe('stopped');
  expect(tries()).toBe(120);
});

it('says when Entra ID is not reached, and goes on', async () => {
  answer('unreached');
  const watch = new UploadWatch('c1');
  watch.start();
  await seconds(6);
  expect([watch.state, watch.unreached]).toEqual(['watching', true]);
  answer('not-yet');
  await seconds(5);
  expect(watch.unreached).toBe(false);
  watch.stop();
});

it('lets the check explain a refusal that waiting does not mend', async () => {
  answer('refused');
  const watch = new UploadWatch('c1');
  watch.start();
  await seconds(6);
  expect(watch.state).toBe('stopped');
  expect(commands.check).toHaveBeenCalledOnce();
});

it('stops after a problem', async () => {
  const error = { code: 'keychain-locked', field: null, what: 'The keychain is locked.', fix: 'Unlock it.' } as const;
  vi.mocked(commands.tryCredential).mockResolvedValue({ status: 'error', error });
  const watch = new UploadWatch('c1');
  watch.start();
  await seconds(30);
  expect([watch.state, tries()]).toEqual(['stopped', 1]);
  expect(app.problem).toEqual(error);
});
