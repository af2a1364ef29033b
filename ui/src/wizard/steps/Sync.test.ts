import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type SyncProgress, type SyncView } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Sync from './Sync.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const progress: SyncProgress = {
  phase: 'memberships',
  users: { read: 12482, counted: 12482 },
  groups: { read: 1906, counted: 1906 },
  memberships: { read: 48310, counted: null },
  groupsDone: 953,
  requests: 214,
  throttled: 3,
  resourceUnits: 400,
  elapsedMs: 112_000,
  medianMs: 184,
  slowestMs: 2100,
  waitingMs: 5000,
  latest: [{ at: '2026-11-20T14:31:52Z', request: 'POST /$batch', status: 429, tookMs: 61 }],
};
const result: SyncView = {
  complete: true,
  cancelled: false,
  startedAt: '2026-11-20T14:30:01Z',
  finishedAt: '2026-11-20T14:34:09Z',
  users: { read: 12482, counted: 12482 },
  groups: { read: 1906, counted: 1900 },
  memberships: { read: 96127, counted: null },
  requests: 391,
  throttled: 3,
  resourceUnits: 800,
  seconds: 248,
  people: { membersEnabled: 10940, membersDisabled: 1031, guestsEnabled: 468, guestsDisabled: 43 },
  groupSizes: [212, 748, 617, 281, 44, 4],
  largestGroup: '**All Staff EU**, 9,870',
  notes: ['6 groups share a display name.'],
};

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
});

it('shows the counts as they arrive, and pauses, goes on and cancels', async () => {
  let finish = (_: unknown) => {};
  vi.mocked(commands.testSync).mockReturnValue(new Promise((resolve) => (finish = resolve as typeof finish)));
  render(Sync, { journey: journeyOf(), frame: new Frame() });
  await userEvent.click(screen.getByRole('button', { name: 'Start the test sync' }));
  app.hear({ connection: 'c1', progress: { kind: 'sync', ...progress } });
  await waitFor(() => expect(screen.getByText('12,482')).toBeVisible());
  expect(screen.getByRole('progressbar', { name: 'Users' })).toHaveAttribute('aria-valuenow', '100');
  expect(screen.getByRole('progressbar', { name: 'Memberships' })).toHaveAttribute('aria-valuenow', '50');
  expect(screen.getByText('Microsoft asked us to slow down.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
  expect(commands.pauseSync).toHaveBeenCalledWith('c1');
  app.hear({ connection: 'c1', progress: { kind: 'sync', ...progress, phase: 'paused' } });
  await userEvent.click(await screen.findByRole('button', { name: 'Go on' }));
  expect(commands.resumeSync).toHaveBeenCalledWith('c1');
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(commands.cancel).toHaveBeenCalledWith('c1');
  finish({ status: 'ok', data: journeyOf() });
  await waitFor(() => expect(screen.getByRole('button', { name: 'Start the test sync' })).toBeVisible());
});

it('shows a complete result with both counts', () => {
  render(Sync, { journey: journeyOf({ sync: result }), frame: new Frame() });
  expect(screen.getByText('The directory was read to the end')).toBeVisible();
  expect(screen.getByText('counted twice, same')).toBeVisible();
  expect(screen.getByText('1,900 counted')).toBeVisible();
  expect(screen.getByText('1 in 12 is disabled')).toBeVisible();
  expect(screen.getByText('44 groups with 1,000 to 4,999 members')).toBeInTheDocument();
  expect(screen.getByText(/share a display name/)).toBeVisible();
});

it('never calls a partial result complete', () => {
  render(Sync, { journey: journeyOf({ sync: { ...result, complete: false, cancelled: true } }), frame: new Frame() });
  expect(screen.queryByText('The directory was read to the end')).toBeNull();
  expect(screen.getByText(/the result is partial/)).toBeVisible();
});
