import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type JourneyView, type SyncProgress, type SyncStart, type SyncView } from '../../lib/bindings';
import type { ListRow, SyncSummary } from '../../lib/wire';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Sync from './Sync.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const progress: SyncProgress = {
  phase: 'memberships',
  mode: 'full',
  resumed: false,
  changed: 0,
  users: { read: 12482, counted: 12482 },
  groups: { read: 1906, counted: 1906 },
  memberships: { read: 48310, counted: null },
  groupsDone: 953,
  requests: 214,
  throttled: 3,
  resourceUnits: 400,
  elapsedMs: 112_000,
  leftMs: 119_200,
  inFlight: 3,
  parallel: 8,
  budget: 8000,
  medianMs: 184,
  slowestMs: 2100,
  waitingMs: null,
  waitingFor: null,
  latest: [{ at: '2026-11-20T14:31:52Z', request: 'POST /$batch', status: 429, tookMs: 61 }],
};
const none = { added: 0, updated: 0, removed: 0 };
const result: SyncView = {
  complete: true,
  cancelled: false,
  mode: 'full',
  resumed: false,
  fullBecause: null,
  startedAt: '2026-11-20T14:30:01Z',
  finishedAt: '2026-11-20T14:34:09Z',
  users: { read: 12482, counted: 12482 },
  groups: { read: 1906, counted: 1900 },
  memberships: { read: 96127, counted: null },
  requests: 391,
  throttled: 3,
  resourceUnits: 800,
  seconds: 248,
  changes: {
    since: '2026-11-19T14:30:00',
    users: { added: 14, updated: 2, removed: 0 },
    groups: none,
    memberships: { ...none, removed: 87 },
  },
  held: null,
  showsEarlier: false,
};
const summary: SyncSummary = {
  people: { membersEnabled: 10940, membersDisabled: 1031, guestsEnabled: 468, guestsDisabled: 43 },
  peopleTotal: 12482,
  groupsTotal: 1906,
  changesKept: 103,
  groupSizes: [212, 748, 617, 281, 44, 4],
  largestGroup: '**All Staff EU**, 9,870',
  warnings: [{ list: 'groups-sharing-a-name', count: 6, who: '6 groups', says: 'share a display name.' }],
};
const start: SyncStart = { canResume: false, canDelta: true, failures: 0, failingSince: null, quarantine: null };
const show = (changes: Partial<JourneyView> = {}) =>
  render(Sync, { journey: journeyOf({ syncStart: start, ...changes }), frame: new Frame() });
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn();
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
  vi.mocked(commands.syncSummary).mockResolvedValue({ status: 'ok', data: summary });
  vi.mocked(commands.readList).mockResolvedValue({ status: 'ok', data: { masked: false, rows: [] } });
});

it('shows the counts as they arrive, and pauses, goes on and cancels', async () => {
  let finish = (_: unknown) => {};
  vi.mocked(commands.testSync).mockReturnValue(new Promise((resolve) => (finish = resolve as typeof finish)));
  render(Sync, { journey: journeyOf(), frame: new Frame() });
  await press('Start the test sync');
  expect(commands.testSync).toHaveBeenCalledWith('c1', { mode: 'full', resume: false, acceptedRemovals: null });
  app.hear({ connection: 'c1', progress: { kind: 'sync', ...progress } });
  await waitFor(() => expect(screen.getByText('12,482')).toBeVisible());
  expect(screen.getByRole('progressbar', { name: 'Users' })).toHaveAttribute('aria-valuenow', '100');
  expect(screen.getByRole('progressbar', { name: 'Memberships' })).toHaveAttribute('aria-valuenow', '50');
  expect(screen.getByText(/about 2 min 00 s left/)).toBeVisible();
  expect(
    screen.getByText('3 requests under way · at most 8 at once · held to 8,000 resource units in 10 s'),
  ).toBeVisible();
  await press('Pause');
  expect(commands.pauseSync).toHaveBeenCalledWith('c1');
  app.hear({ connection: 'c1', progress: { kind: 'sync', ...progress, phase: 'paused' } });
  await userEvent.click(await screen.findByRole('button', { name: 'Go on' }));
  expect(commands.resumeSync).toHaveBeenCalledWith('c1');
  await press('Cancel');
  expect(commands.cancel).toHaveBeenCalledWith('c1');
  finish({ status: 'ok', data: journeyOf() });
  await waitFor(() => expect(screen.getByRole('button', { name: 'Start the test sync' })).toBeVisible());
});

it('says why it waits and for how long', async () => {
  let finish = (_: unknown) => {};
  vi.mocked(commands.testSync).mockReturnValue(new Promise((resolve) => (finish = resolve as typeof finish)));
  show();
  await press('Start the test sync');
  const waiting = { ...progress, waitingMs: 4200 };
  app.hear({ connection: 'c1', progress: { kind: 'sync', ...waiting, waitingFor: 'throttled' } });
  expect(await screen.findByText('Microsoft asked us to slow down.')).toBeVisible();
  expect(screen.getByText('5 s')).toBeVisible();
  app.hear({ connection: 'c1', progress: { kind: 'sync', ...waiting, waitingFor: 'unavailable' } });
  expect(await screen.findByText('Microsoft Graph is not available at the moment.')).toBeVisible();
  finish({ status: 'ok', data: journeyOf() });
  await screen.findByRole('button', { name: 'Start the test sync' });
});

it('reads what changed where a run is known, and goes on with one that stopped', async () => {
  vi.mocked(commands.testSync).mockResolvedValue({ status: 'ok', data: journeyOf() });
  const { unmount } = show({ sync: result });
  await press('Run again');
  await press('Start the test sync');
  expect(commands.testSync).toHaveBeenLastCalledWith('c1', { mode: 'delta', resume: false, acceptedRemovals: null });
  unmount();
  show({ syncStart: { ...start, canResume: true } });
  expect(screen.getByRole('radio', { name: /Continue where it stopped/ })).toBeChecked();
  await press('Start the test sync');
  expect(commands.testSync).toHaveBeenLastCalledWith('c1', { mode: 'full', resume: true, acceptedRemovals: null });
  await userEvent.click(screen.getByRole('radio', { name: /Everything/ }));
  await press('Start the test sync');
  expect(commands.testSync).toHaveBeenLastCalledWith('c1', { mode: 'full', resume: false, acceptedRemovals: null });
});

it('forecasts when asked, and says what is a guess', async () => {
  const forecast = {
    objects: 305_000,
    guessed: true,
    requests: 567,
    resourceUnits: 10517,
    quota: 8000,
    timeMs: 3200,
    sharePercent: 99,
  };
  vi.mocked(commands.forecastSync).mockResolvedValue({ status: 'ok', data: forecast });
  show();
  expect(commands.forecastSync).not.toHaveBeenCalled();
  await press('Forecast');
  expect(await screen.findByText('305,000')).toBeVisible();
  expect(screen.getByText('partly a guess')).toBeVisible();
  expect(screen.getByText('about 3.2 s')).toBeVisible();
  expect(screen.getByText('99 % of the quota')).toBeVisible();
});

it('shows a complete result with both counts, what changed, and what is worth a look', async () => {
  show({ sync: result });
  expect(screen.getByText('The directory was read to the end')).toBeVisible();
  expect(screen.getByText('counted twice, same')).toBeVisible();
  expect(screen.getByText('1,900 counted')).toBeVisible();
  expect(screen.getByText('+14')).toBeVisible();
  expect(screen.getByText('−87')).toBeVisible();
  expect(await screen.findByText('1 in 12 is disabled')).toBeVisible();
  expect(screen.getByText('44 groups with 1,000 to 4,999 members')).toBeInTheDocument();
  expect(screen.getByRole('tab', { name: 'Changed since 19 Nov 14:30' })).toHaveAttribute('aria-selected', 'true');
  await press('Show 6 groups: share a display name.');
  const tab = screen.getByRole('tab', { name: 'Groups of one name' });
  expect(tab).toHaveAttribute('aria-selected', 'true');
  expect(tab).toHaveFocus();
  const form = { list: 'groups-sharing-a-name', page: 0, reveal: false };
  await waitFor(() => expect(commands.readList).toHaveBeenLastCalledWith('c1', form));
});

it('masks names until they are revealed, and asks for them only then', async () => {
  const row = (name: string): ListRow => ({
    kind: 'person',
    id: 'p1',
    name,
    signIn: null,
    mail: null,
    enabled: false,
    guest: true,
  });
  vi.mocked(commands.readList).mockImplementation(async (_, { reveal }) => ({
    status: 'ok',
    data: { masked: !reveal, rows: [row(reveal ? 'Amelia Sandhu' : 'A•••• S••••')] },
  }));
  show({ sync: result });
  await userEvent.click(await screen.findByRole('tab', { name: 'Users' }));
  expect(await screen.findByText('A•••• S••••')).toBeInTheDocument();
  expect(screen.getByRole('cell', { name: 'Guest, disabled' })).toBeInTheDocument();
  expect(vi.mocked(commands.readList).mock.calls.every(([, form]) => !form.reveal)).toBe(true);
  await press('Reveal names');
  expect(await screen.findByText('Amelia Sandhu')).toBeInTheDocument();
  await press('Mask names');
  expect(await screen.findByText('A•••• S••••')).toBeInTheDocument();
  expect(screen.queryByText('Amelia Sandhu')).toBeNull();
});

it('never calls a partial result complete', () => {
  show({ sync: { ...result, complete: false, cancelled: true } });
  expect(screen.queryByText('The directory was read to the end')).toBeNull();
  expect(screen.getByText(/the result is partial/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Start the test sync' })).toBeVisible();
});

it('takes removals over only when their number is typed', async () => {
  const held = { reasons: ['1,204 of 1,906 groups would go; the limit is 10 %.'], removals: 1204, mayBeAccepted: true };
  vi.mocked(commands.testSync).mockResolvedValue({ status: 'ok', data: journeyOf() });
  show({ sync: { ...result, mode: 'delta', held }, syncStart: { ...start, canResume: true } });
  expect(screen.getByText(held.reasons[0] as string)).toBeVisible();
  expect(screen.queryByText('The directory was read to the end')).toBeNull();
  await press('Accept 1,204 removals…');
  const dialog = within(screen.getByRole('dialog'));
  const accept = dialog.getByRole('button', { name: 'Accept 1,204 removals' });
  const field = dialog.getByRole('textbox', { name: 'Type the number of removals' });
  await userEvent.type(field, '1203');
  expect(accept).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(accept);
  expect(commands.testSync).not.toHaveBeenCalled();
  await userEvent.clear(field);
  await userEvent.type(field, '1204');
  expect(accept).not.toHaveAttribute('aria-disabled');
  await userEvent.click(accept);
  expect(commands.testSync).toHaveBeenCalledWith('c1', { mode: 'delta', resume: true, acceptedRemovals: 1204 });
});

it('does not offer to accept an empty answer', () => {
  const held = { reasons: ['Graph showed no users at all, and 5 are known.'], removals: 5, mayBeAccepted: false };
  show({ sync: { ...result, held } });
  expect(screen.queryByRole('button', { name: /Accept/ })).toBeNull();
  expect(screen.getByText(/an empty answer is never accepted/)).toBeVisible();
});

it('explains a pause, and clears or restarts it', async () => {
  const quarantine = {
    since: '2026-11-20T12:00:00Z',
    nextTry: '2026-11-20T15:00:00Z',
    reason: 'The secret is wrong.',
    code: 'AADSTS7000215',
  };
  vi.mocked(commands.restartSync).mockResolvedValue({ status: 'ok', data: journeyOf() });
  vi.mocked(commands.testSync).mockResolvedValue({ status: 'ok', data: journeyOf() });
  show({ syncStart: { ...start, failures: 3, quarantine } });
  expect(screen.getByText('AADSTS7000215')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Start the test sync' })).toBeNull();
  await press('Clear and try now');
  expect(commands.restartSync).toHaveBeenCalledWith('c1', 'quarantine');
  expect(commands.testSync).toHaveBeenCalledTimes(1);
  await press('Restart…');
  await userEvent.click(screen.getByRole('radio', { name: /What it goes on from/ }));
  await press('Restart');
  expect(commands.restartSync).toHaveBeenLastCalledWith('c1', 'watermarks');
});
