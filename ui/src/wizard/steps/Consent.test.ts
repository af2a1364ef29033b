import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type ConsentView } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Consent from './Consent.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const consent: ConsentView = {
  link: 'https://login.microsoftonline.com/contoso.com/adminconsent?client_id=5e0b',
  roles: [
    { name: 'User.Read.All', arrived: true },
    { name: 'GroupMember.Read.All', arrived: false },
  ],
  handOff: { subject: 'Please approve', body: 'Open the page.\nPress Accept.' },
  grantedAt: null,
};

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.consentTries = [];
  app.screen = { name: 'wizard', connection: 'c1' };
});

it('says which roles a token carries', () => {
  render(Consent, { journey: journeyOf({ consent }), frame: new Frame() });
  expect(screen.getByText('In token')).toBeVisible();
  expect(screen.getByText('Not in token')).toBeVisible();
  expect(screen.getByText('1 of 2')).toBeVisible();
});

it('waits with live tries and can be stopped', async () => {
  let finish = (_: unknown) => {};
  vi.mocked(commands.waitForConsent).mockReturnValue(new Promise((resolve) => (finish = resolve as typeof finish)));
  render(Consent, { journey: journeyOf({ consent }), frame: new Frame() });
  await userEvent.click(screen.getByRole('button', { name: 'I have consented, look again' }));
  const missing = ['GroupMember.Read.All'];
  const progress = {
    kind: 'consentTry',
    number: 1,
    at: '2026-11-20T14:21:41Z',
    arrived: ['User.Read.All'],
    missing,
    nextInMs: 20_000,
  } as const;
  app.hear({ connection: 'c1', progress: { ...progress, arrived: [...progress.arrived] } });
  await waitFor(() => expect(screen.getByText('20 s')).toBeVisible());
  expect(screen.getAllByText(/1 of 2 roles; GroupMember.Read.All still missing/)).not.toHaveLength(0);
  const both = ['User.Read.All', 'GroupMember.Read.All'];
  const later = { ...progress, number: 2, at: '2026-11-20T14:21:59Z', arrived: both, missing: [], nextInMs: null };
  app.hear({ connection: 'c1', progress: later });
  await waitFor(() => expect(screen.getByText('GroupMember.Read.All arrived at +18 s')).toBeVisible());
  await userEvent.click(screen.getByRole('button', { name: 'Stop waiting' }));
  expect(commands.cancel).toHaveBeenCalledWith('c1');
  finish({ status: 'ok', data: journeyOf({ consent }) });
  await waitFor(() => expect(screen.getByText('The token carries the consent')).toBeVisible());
});

it('offers the ways to ask as tabs with arrow keys', async () => {
  render(Consent, { journey: journeyOf({ consent }), frame: new Frame() });
  screen.getByRole('tab', { name: 'Open the consent page' }).focus();
  await userEvent.keyboard('{ArrowRight}');
  expect(screen.getByRole('tab', { name: 'Copy the link' })).toHaveFocus();
  expect(screen.getByRole('tabpanel')).toHaveTextContent(consent.link ?? '');
  await userEvent.keyboard('{ArrowRight}');
  expect(screen.getByRole('tabpanel')).toHaveTextContent('Press Accept.');
});

it('lets the practice admin answer, in the practice tenant only', async () => {
  const { unmount } = render(Consent, { journey: journeyOf({ consent }), frame: new Frame() });
  expect(screen.queryByRole('button', { name: /practice admin/ })).toBeNull();
  unmount();
  vi.mocked(commands.answerPracticeConsent).mockResolvedValue({ status: 'ok', data: { connections: [] } as never });
  vi.mocked(commands.waitForConsent).mockResolvedValue({ status: 'ok', data: journeyOf({ consent }) });
  render(Consent, { journey: journeyOf({ consent, practice: true }), frame: new Frame() });
  await userEvent.click(screen.getByRole('button', { name: 'Accept as the practice admin' }));
  expect(commands.answerPracticeConsent).toHaveBeenCalledWith('accept');
  await waitFor(() => expect(commands.waitForConsent).toHaveBeenCalledWith('c1'));
});
