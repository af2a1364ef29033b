import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type AccessView, type GroupHit } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Access from './Access.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const hits: GroupHit[] = [
  { id: 'g1', name: 'Print – Everyone', members: 11204, nestedGroups: 14, sharesName: false },
  { id: 'g2', name: 'Print – Colour', members: 864, nestedGroups: 0, sharesName: true },
];
const access: AccessView = {
  roles: [
    { id: 'none', name: 'No access', denies: true },
    { id: 'use', name: 'Use it', denies: false },
  ],
  rules: [
    {
      groupId: 'g1',
      groupName: 'Print – Everyone',
      role: 'use',
      people: 11204,
      nestedGroups: 14,
      inSeveral: 58,
      vanished: false,
    },
  ],
  totals: { granted: 11468, keptOut: 391, unnamed: 600 },
  groupsKnown: 1906,
  warning: null,
};
const show = (changes: Partial<AccessView> = {}) => {
  const frame = new Frame();
  render(Access, { journey: journeyOf({ access: { ...access, ...changes } }), frame });
  return frame;
};

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
  vi.mocked(commands.searchGroups).mockResolvedValue({ status: 'ok', data: hits });
});

it('finds groups and adds one with the keyboard alone', async () => {
  const frame = show();
  const box = screen.getByRole('combobox', { name: 'Add a group' });
  await userEvent.type(box, 'print');
  await waitFor(() => expect(screen.getAllByRole('option', { name: /Print/ })).toHaveLength(2));
  expect(commands.searchGroups).toHaveBeenCalledTimes(1);
  expect(box).toHaveAttribute('aria-expanded', 'true');
  await userEvent.keyboard('{ArrowDown}');
  expect(box.getAttribute('aria-activedescendant')).toBe(screen.getByRole('option', { name: /Colour/ }).id);
  expect(screen.getByRole('option', { name: /Colour/ })).toHaveTextContent('g2');
  await userEvent.keyboard('{Enter}');
  await waitFor(() =>
    expect(commands.saveAccess).toHaveBeenCalledWith('c1', {
      rules: [
        { groupId: 'g1', role: 'use' },
        { groupId: 'g2', role: 'use' },
      ],
    }),
  );
  await waitFor(() => expect(frame.group).toBe('g2'));
  expect(box).toHaveValue('');
});

it('does not add a group twice, and closes with Escape', async () => {
  show();
  const box = screen.getByRole('combobox', { name: 'Add a group' });
  await userEvent.type(box, 'print');
  await screen.findByRole('option', { name: /Everyone/ });
  await userEvent.keyboard('{Enter}');
  expect(commands.saveAccess).not.toHaveBeenCalled();
  await userEvent.type(box, 'print');
  await screen.findByRole('option', { name: /Everyone/ });
  await userEvent.keyboard('{Escape}');
  expect(box).toHaveAttribute('aria-expanded', 'false');
});

it('changes a role and removes a line', async () => {
  show();
  await userEvent.selectOptions(screen.getByLabelText('Role for Print – Everyone'), 'none');
  expect(commands.saveAccess).toHaveBeenLastCalledWith('c1', { rules: [{ groupId: 'g1', role: 'none' }] });
  await userEvent.click(screen.getByRole('button', { name: 'Remove Print – Everyone' }));
  await waitFor(() => expect(commands.saveAccess).toHaveBeenLastCalledWith('c1', { rules: [] }));
});

it('leads to the test sync while no groups are known', () => {
  show({ groupsKnown: 0, rules: [] });
  expect(screen.queryByRole('combobox', { name: 'Add a group' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Go to the test sync' })).toBeVisible();
});

it('counts nobody in a group before the directory was read', () => {
  show({ groupsKnown: 0, totals: null, rules: access.rules.map((rule) => ({ ...rule, people: 0, vanished: false })) });
  expect(screen.getAllByText('not counted yet')).toHaveLength(access.rules.length);
  expect(screen.queryByText(/^0 people/)).toBeNull();
});

it('says who becomes administrator and on which way, with names masked until they are revealed', async () => {
  const person = (displayName: string) => ({
    id: 'p1',
    displayName,
    userPrincipalName: 'a••••@contoso.com',
    role: 'Administrator',
    denied: false,
    because: ['Print – Administrators, via Service desk'],
  });
  vi.mocked(commands.administrators).mockImplementation(async (_, reveal) => ({
    status: 'ok',
    data: { count: 51, masked: !reveal, first: [person(reveal ? 'Amelia Sandhu' : 'A•••• S••••')] },
  }));
  show();
  expect(await screen.findByText('A•••• S••••')).toBeVisible();
  expect(screen.getByText('Administrator: Print – Administrators, via Service desk')).toBeVisible();
  expect(screen.getByText('51 people')).toBeVisible();
  expect(screen.getByText('and 50 more')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Reveal names' }));
  expect(await screen.findByText('Amelia Sandhu')).toBeVisible();
});
