import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type HomeView } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import AccessPanel from './AccessPanel.svelte';
import Panel from './Panel.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const practice = {
  tenantId: 't-1',
  domain: 'practice.example',
  clientId: 'c-1',
  appName: 'App',
  clientSecret: 's~1',
  secretId: 'i-1',
};

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.home = null;
});

it('opens the portal page of the step, and copies its address from the engine', async () => {
  const frame = new Frame();
  render(Panel, { journey: journeyOf({ currentStep: 'credential' }), frame });
  await userEvent.click(screen.getByRole('button', { name: 'Open this page' }));
  expect(commands.openPage).toHaveBeenCalledWith('c1', 'certificates-and-secrets');
  expect(screen.getByRole('img', { name: /Certificates & secrets/ })).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Copy link' }));
  expect(commands.pageAddress).toHaveBeenCalledWith('c1', 'certificates-and-secrets');
});

it('offers practice values to the step, and only in the practice tenant', async () => {
  app.home = { practice } as unknown as HomeView;
  const frame = new Frame();
  const secret = vi.fn();
  frame.fill = { secret };
  const journey = journeyOf({ currentStep: 'credential' });
  const { rerender } = render(Panel, { journey, frame });
  expect(screen.queryByText('s~1')).toBeNull();
  await rerender({ journey: { ...journey, practice: true }, frame });
  await userEvent.click(screen.getByRole('button', { name: 'Use this value: Value' }));
  expect(secret).toHaveBeenCalledWith('s~1');
  await userEvent.click(screen.getByRole('button', { name: 'Open the practice portal' }));
  expect(commands.openPage).toHaveBeenCalledWith('c1', 'practice-portal');
});

it('hides and shows itself without losing the focus', async () => {
  const frame = new Frame();
  render(Panel, { journey: journeyOf(), frame });
  await userEvent.click(screen.getByRole('button', { name: 'Hide this panel' }));
  expect(frame.panel).toBe('closed');
  const tab = screen.getByRole('button', { name: 'What do I need?' });
  await waitFor(() => expect(tab).toHaveFocus());
  expect(tab).toHaveAttribute('aria-expanded', 'false');
  await userEvent.click(tab);
  expect(frame.panel).toBe('open');
});

it('explains a group, and what one person gets and why', async () => {
  vi.mocked(commands.accessOfGroup).mockResolvedValue({
    status: 'ok',
    data: {
      groupId: 'g1',
      groupName: 'Colour',
      willGet: 842,
      keptOut: 22,
      direct: 790,
      via: [{ groupName: 'Design', people: 61 }],
    },
  });
  vi.mocked(commands.accessOfPerson).mockResolvedValue({
    status: 'ok',
    data: {
      id: 'p1',
      userPrincipalName: 'a@b.c',
      displayName: 'Amelia',
      role: 'Print, colour',
      denied: false,
      because: ['Colour, via Design'],
    },
  });
  const access = { ...journeyOf().access, groupsKnown: 3 };
  render(AccessPanel, { journey: journeyOf({ access }), group: 'g1' });
  expect(await screen.findByText('842')).toBeVisible();
  expect(screen.getByText('via Design')).toBeVisible();
  await userEvent.type(screen.getByLabelText('Try a person'), 'a@b.c{Enter}');
  expect(await screen.findByText('Amelia: Print, colour.')).toBeVisible();
  expect(screen.getByText(/Because: Colour, via Design/)).toBeVisible();
  vi.mocked(commands.accessOfPerson).mockResolvedValue({ status: 'ok', data: null });
  await userEvent.type(screen.getByLabelText('Try a person'), 'x{Enter}');
  expect(await screen.findByText(/Nobody in the directory/)).toBeVisible();
});
