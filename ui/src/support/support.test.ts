import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../../test/axe';
import { card, explanation, home, ok } from '../../test/wire';
import { app } from '../lib/app.svelte';
import PasteError from './PasteError.svelte';
import Support from './Support.svelte';

const commands = vi.hoisted(() => ({
  home: vi.fn(),
  explain: vi.fn(),
  openPage: vi.fn(),
  readReport: vi.fn(),
  saveReport: vi.fn(),
}));
vi.mock('../lib/bindings', () => ({ commands, events: {} }));

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'support' };
  app.home = home();
  app.problem = null;
  commands.explain.mockImplementation(() => ok(explanation()));
});

const box = () => screen.getByLabelText('Paste an error');

async function explain(text: string) {
  await userEvent.click(box());
  await userEvent.paste(text);
  await userEvent.click(screen.getByRole('button', { name: 'Explain' }));
}

it('explains what was pasted, with its facts, its meaning and its way out', async () => {
  const { container } = render(Support);
  await explain('AADSTS7000215: Invalid client secret provided.');
  expect(commands.explain).toHaveBeenCalledWith('AADSTS7000215: Invalid client secret provided.');
  expect(await screen.findByRole('heading', { name: 'Entra refuses the client secret' })).toBeVisible();
  expect(screen.getAllByRole('heading', { level: 4 }).map((each) => each.textContent)).toEqual([
    'What we saw',
    'What it means',
    'How to fix it',
  ]);
  expect(screen.getAllByText('What you pasted')).toHaveLength(1);
  expect(screen.getByText('secret-wrong')).toBeVisible();
  expect(screen.getByText('AADSTS7000215 client_secret=[taken out]')).toBeInTheDocument();
  expect(container.querySelectorAll('.finding--broken')).toHaveLength(0);
  expect(await faults(container)).toEqual([]);
});

it('says honestly that nothing is known, and what can be pasted', async () => {
  const hint = 'Paste one of these: a number such as AADSTS7000215.';
  commands.explain.mockImplementation(() => ok(explanation({ advice: null, hint })));
  const { container } = render(Support);
  await explain('It does not work');
  expect(await screen.findByText('Nothing in this text is known to Gatehouse.')).toBeVisible();
  expect(screen.getByText(hint)).toBeVisible();
  expect(await faults(container)).toEqual([]);
});

it('an answer goes as soon as the text is another, and a late one is not shown', async () => {
  let late = (_: unknown) => {};
  commands.explain.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
  render(Support);
  await explain('first');
  await userEvent.type(box(), ' and more');
  late({ status: 'ok', data: explanation() });
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'Explain' })).not.toHaveAttribute('aria-busy'));
  expect(screen.queryByRole('article')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Explain' }));
  expect(await screen.findByRole('article')).toBeVisible();
  await userEvent.type(box(), '!');
  expect(screen.queryByRole('article')).toBeNull();
});

it('what was pasted goes with Clear, and with the screen', async () => {
  const { unmount } = render(Support);
  await explain('client_secret=abc');
  await screen.findByRole('article');
  await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
  expect(box()).toHaveValue('');
  expect(box()).toHaveFocus();
  expect(screen.queryByRole('article')).toBeNull();
  await explain('client_secret=abc');
  unmount();
  render(Support);
  expect(box()).toHaveValue('');
});

it('an empty box gets the focus, and Ctrl+Enter explains', async () => {
  render(Support);
  await userEvent.click(screen.getByRole('button', { name: 'Explain' }));
  expect(commands.explain).not.toHaveBeenCalled();
  expect(box()).toHaveFocus();
  await userEvent.keyboard('AADSTS50057{Control>}{Enter}{/Control}');
  expect(commands.explain).toHaveBeenCalledWith('AADSTS50057');
});

it('beside a connection, the portal’s page can be opened', async () => {
  commands.openPage.mockImplementation(() => ok(null));
  render(PasteError, { label: 'Paste an error', hint: '', connection: 'c1' });
  await explain('AADSTS7000215');
  await userEvent.click(await screen.findByRole('button', { name: 'Open Certificates & secrets' }));
  expect(commands.openPage).toHaveBeenCalledWith('c1', 'certificates-and-secrets');
});

it('a report can be read before it is saved', async () => {
  app.home = home({ connections: [card({ id: 'a', name: 'One' }), card({ id: 'b', name: 'Two' })] });
  commands.readReport.mockImplementation(() => ok('# Two'));
  commands.saveReport.mockImplementation(() => ok(null));
  const { container } = render(Support);
  await userEvent.selectOptions(screen.getByLabelText('Connection'), 'Two');
  await userEvent.click(screen.getByRole('button', { name: 'Read it first' }));
  expect(commands.readReport).toHaveBeenCalledWith('b', { format: 'markdown', ids: 'short' });
  expect(await screen.findByRole('region', { name: 'The report' })).toHaveTextContent('# Two');
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByLabelText('Whole tenant and client IDs'));
  expect(screen.queryByRole('region', { name: 'The report' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Save report…' }));
  expect(commands.saveReport).toHaveBeenCalledWith('b', { format: 'html', ids: 'full' });
});
