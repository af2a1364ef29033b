import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../test/axe';
import { card, chain, home, journey, ok } from '../test/wire';
import Frame from './frame/Frame.svelte';
import { press } from './frame/keys';
import { firstToMend } from './home/attention';
import Home from './home/Home.svelte';
import { app } from './lib/app.svelte';

const commands = vi.hoisted(() => ({
  home: vi.fn(),
  journey: vi.fn(),
  check: vi.fn(),
  createConnection: vi.fn(),
  removeConnection: vi.fn(),
}));
vi.mock('./lib/bindings', () => ({ commands, events: {} }));

const broken = card({
  id: 'b',
  name: 'Branch VPN',
  links: chain({ network: 'proven', consent: 'broken' }),
  summary: 'Broken at Consent',
  summaryState: 'broken',
  finding: { title: 'The token carries no role', meaning: 'Graph refuses every read.' },
});

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'home' };
  app.home = null;
  app.journey = null;
  app.problem = null;
  commands.home.mockImplementation(() => ok(app.home));
});

it('empty Home offers the doors that open, and no others', async () => {
  app.home = home();
  const { container } = render(Home);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Prove it before you hand it over');
  expect(screen.getAllByRole('button').map((each) => each.textContent?.trim())).toEqual(['Connect', 'Start practice']);
  expect(await faults(container)).toEqual([]);
  commands.createConnection.mockImplementation(() => ok(journey({ id: 'new' })));
  await userEvent.click(screen.getByRole('button', { name: 'Connect' }));
  expect(app.screen).toEqual({ name: 'wizard', connection: 'new' });
});

it('Home puts the weightiest finding first and has one primary button', async () => {
  const ending = card({ id: 'e', summaryState: 'attention', finding: { title: 'Ending', meaning: '' } });
  expect(firstToMend([card(), ending, broken])?.id).toBe('b');
  expect(firstToMend([card()])).toBeNull();
  app.home = home({ connections: [card(), ending, broken] });
  const { container } = render(Home);
  expect(screen.getByRole('heading', { name: 'The token carries no role' })).toBeVisible();
  expect(container.querySelectorAll('.btn--primary')).toHaveLength(1);
  expect(screen.getAllByRole('row')).toHaveLength(4);
  expect(await faults(container)).toEqual([]);
});

it('Home says that it could not be read, and tries again', async () => {
  render(Home);
  commands.home.mockImplementation(() => ok(home()));
  await userEvent.click(screen.getByRole('button', { name: /again/ }));
  expect(await screen.findByText('Connect a tenant')).toBeVisible();
});

it('Home says when secrets cannot be kept, and what was set aside', () => {
  app.home = home({
    keychain: { available: false, name: 'Secret Service', because: 'No session bus.' },
    notices: ['One saved file could not be read.'],
  });
  render(Home);
  expect(screen.getByText('No session bus.')).toBeVisible();
  expect(screen.getByText('One saved file could not be read.')).toBeVisible();
});

it('a connection is removed only after the question', async () => {
  app.home = home({ connections: [broken] });
  commands.removeConnection.mockImplementation(() => ok(home()));
  render(Home);
  await userEvent.click(screen.getByRole('button', { name: 'Remove Branch VPN' }));
  const dialog = screen.getByRole('dialog', { name: 'Remove Branch VPN?' });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Keep it' }));
  expect(commands.removeConnection).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Remove Branch VPN' }));
  await userEvent.click(screen.getByRole('button', { name: 'Remove it' }));
  expect(commands.removeConnection).toHaveBeenCalledWith('b');
});

it('the frame hatches what is practice, and names each connection with its state', async () => {
  app.home = home({ connections: [broken] });
  app.screen = { name: 'revalidate', connection: 'b' };
  app.journey = journey({ id: 'b', practice: true });
  const { container } = render(Frame, { children: (() => {}) as never });
  expect(container.querySelector('.practice-strip')).not.toBeNull();
  expect(screen.getByRole('button', { name: 'Branch VPN: Broken at Consent' })).toHaveAttribute('aria-current', 'page');
  expect(await faults(container)).toEqual([]);
});

it('the sidebar leads to Support, and says where one is', async () => {
  app.home = home();
  render(Frame, { children: (() => {}) as never });
  await userEvent.click(screen.getByRole('button', { name: 'Support' }));
  expect(app.screen).toEqual({ name: 'support' });
  expect(screen.getByRole('button', { name: 'Support' })).toHaveAttribute('aria-current', 'page');
});

it('F5 checks again and never loads the page anew', () => {
  const checked = vi.fn();
  document.body.innerHTML = '<button data-check-again>Check again</button>';
  document.querySelector('button')?.addEventListener('click', checked);
  for (const init of [{ key: 'F5' }, { key: 'r', ctrlKey: true }]) {
    const event = new KeyboardEvent('keydown', { ...init, cancelable: true });
    press(event);
    expect(event.defaultPrevented).toBe(true);
  }
  expect(checked).toHaveBeenCalledTimes(2);
  const typed = new KeyboardEvent('keydown', { key: 'r', cancelable: true });
  press(typed);
  expect(typed.defaultPrevented).toBe(false);
});

it('F6 walks the regions in both directions', () => {
  document.body.innerHTML =
    '<nav data-region><button>one</button></nav><main data-region><p>none</p></main><footer data-region><button>two</button></footer>';
  const [nav, main, footer] = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  press(new KeyboardEvent('keydown', { key: 'F6' }));
  expect(nav?.contains(document.activeElement)).toBe(true);
  press(new KeyboardEvent('keydown', { key: 'F6' }));
  expect(document.activeElement).toBe(main);
  press(new KeyboardEvent('keydown', { key: 'F6', shiftKey: true }));
  press(new KeyboardEvent('keydown', { key: 'F6', shiftKey: true }));
  expect(footer?.contains(document.activeElement)).toBe(true);
});
