import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../../test/axe';
import { card, home, journey, ok } from '../../test/wire';
import { app } from '../lib/app.svelte';
import Home from './Home.svelte';

const commands = vi.hoisted(() => ({ home: vi.fn(), check: vi.fn(), cancel: vi.fn() }));
vi.mock('../lib/bindings', () => ({ commands, events: {} }));

const cards = ['c1', 'c2', 'c3'].map((id) => card({ id, name: `Connection ${id}` }));

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'home' };
  app.home = home({ connections: [...cards, card({ id: 'c4', name: 'Not set up', setUp: false })] });
  app.problem = null;
  commands.home.mockImplementation(() => ok(app.home));
});

it('checks every connection that is set up, and sums up', async () => {
  commands.check.mockImplementation((id: string) =>
    id === 'c2' ? ok(journey({ id, summary: 'Broken at Consent', summaryState: 'broken' })) : ok(journey({ id })),
  );
  const { container } = render(Home);
  await userEvent.click(screen.getByRole('button', { name: 'Re-validate all' }));
  expect(await screen.findByText(/3 connections checked: 1 broken, 2 proven/)).toBeVisible();
  expect(commands.check.mock.calls.map(([id]) => id as string)).toEqual(['c1', 'c2', 'c3']);
  const found = within(screen.getByRole('region', { name: 'Re-validate all' })).getAllByRole('button', { name: /^Open/ });
  expect(found.map((one) => one.getAttribute('aria-label'))).toEqual(['Open Connection c2', 'Open Connection c1', 'Open Connection c3']);
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Close the result' }));
  expect(screen.queryByText(/3 connections checked/)).toBeNull();
});

it('is stopped in the middle, and says what was left out', async () => {
  let answer = (_: unknown) => {};
  commands.check.mockImplementation((id: string) => (id === 'c1' ? ok(journey({ id })) : new Promise((resolve) => (answer = resolve))));
  commands.cancel.mockImplementation(() => {
    answer({ status: 'error', error: { code: 'cancelled', field: null, what: 'You stopped the check.', fix: '' } });
    return ok(null);
  });
  render(Home);
  await userEvent.click(screen.getByRole('button', { name: 'Re-validate all' }));
  expect(await screen.findByText('2 of 3')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
  expect(await screen.findByText(/1 connection checked: 1 proven, 2 left out/)).toBeVisible();
  expect(commands.cancel).toHaveBeenCalledWith('c2');
});

it('a connection whose secret ends soon leads to Rotate', async () => {
  const ending = { noun: 'Secret', endsOn: '2026-12-01', daysLeft: 11, ending: true };
  app.home = home({ connections: [card({ credential: ending })] });
  render(Home);
  expect(screen.getByText('Secret · 11 days left')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Rotate' })).toBeVisible();
});

it('many connections stand in the order of their names, and can be filtered', async () => {
  const names = ['plant-10', 'plant-2', 'Edge', ...'abcdef'];
  app.home = home({ connections: names.map((name, at) => card({ id: `c${at}`, name })) });
  const { container } = render(Home);
  const shown = () => screen.getAllByRole('row').slice(1).map((row) => row.querySelector('.strong')?.textContent);
  expect(shown()).toEqual([...'abcde', 'Edge', 'f', 'plant-2', 'plant-10']);
  await userEvent.type(screen.getByRole('searchbox', { name: 'Filter connections' }), 'plant');
  expect(shown()).toEqual(['plant-2', 'plant-10']);
  expect(screen.getByText('2 of 9 shown')).toBeVisible();
  expect(await faults(container)).toEqual([]);
});
