import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type PasteView } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Registration from './Registration.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const CLIENT = '5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62';
const paste = (changes: Partial<PasteView>): PasteView => ({
  tenant: null,
  clientId: null,
  name: null,
  objectId: null,
  found: [],
  secretSeen: false,
  ...changes,
});

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
  vi.mocked(commands.saveRegistration).mockImplementation(async (_, form) => ({
    status: 'ok',
    data: journeyOf({ registration: { ...journeyOf().registration, ...form } }),
  }));
});

it('fills the fields from a paste and saves them', async () => {
  vi.mocked(commands.readPaste).mockResolvedValue({
    status: 'ok',
    data: paste({ tenant: 'contoso.com', clientId: CLIENT, found: ['Client ID', 'Domain'] }),
  });
  render(Registration, { journey: journeyOf(), frame: new Frame() });
  await userEvent.click(screen.getByLabelText('Paste everything'));
  await userEvent.paste('{ … }');
  await waitFor(() => expect(screen.getByLabelText(/^Application \(client\) ID/)).toHaveValue(CLIENT));
  expect(screen.getByLabelText(/^Tenant ID or domain/)).toHaveValue('contoso.com');
  expect(screen.getByText('Client ID')).toBeVisible();
  await waitFor(() =>
    expect(commands.saveRegistration).toHaveBeenCalledWith('c1', { tenant: 'contoso.com', clientId: CLIENT, name: '' }),
  );
  await waitFor(() => expect(commands.check).toHaveBeenCalledWith('c1', 'app'));
});

it('empties the box when the paste seems to hold a secret', async () => {
  vi.mocked(commands.readPaste).mockResolvedValue({ status: 'ok', data: paste({ secretSeen: true }) });
  render(Registration, { journey: journeyOf(), frame: new Frame() });
  const box = screen.getByLabelText('Paste everything');
  await userEvent.click(box);
  await userEvent.paste('password: canary');
  await waitFor(() => expect(box).toHaveValue(''));
  expect(screen.getByText(/seems to hold a client secret/)).toBeVisible();
});

it('does not save half a registration', async () => {
  render(Registration, { journey: journeyOf(), frame: new Frame() });
  await userEvent.type(screen.getByLabelText(/^Tenant ID or domain/), 'contoso.com');
  await userEvent.tab();
  expect(commands.saveRegistration).not.toHaveBeenCalled();
});

it('shows what is proven only for the value that was proven', async () => {
  const registration = {
    ...journeyOf().registration,
    tenant: 'contoso.com',
    tenantSays: '**Contoso Ltd** · Global cloud',
  };
  render(Registration, { journey: journeyOf({ registration }), frame: new Frame() });
  expect(screen.getByText('Contoso Ltd')).toBeVisible();
  await userEvent.type(screen.getByLabelText(/^Tenant ID or domain/), 'x');
  expect(screen.queryByText('Contoso Ltd')).toBeNull();
});

it('saves when a field is left', async () => {
  render(Registration, { journey: journeyOf(), frame: new Frame() });
  await userEvent.type(screen.getByLabelText(/^Tenant ID or domain/), 'contoso.com');
  await userEvent.type(screen.getByLabelText(/^Application \(client\) ID/), CLIENT);
  expect(commands.saveRegistration).not.toHaveBeenCalled();
  await userEvent.tab();
  await waitFor(() => expect(commands.saveRegistration).toHaveBeenCalledOnce());
});

it('saves nothing when its removal takes the focus away', async () => {
  const { unmount } = render(Registration, { journey: journeyOf(), frame: new Frame() });
  await userEvent.type(screen.getByLabelText(/^Tenant ID or domain/), 'contoso.com');
  const field = screen.getByLabelText(/^Application \(client\) ID/);
  await userEvent.type(field, CLIENT);
  // Chromium blurs a focused element while it removes it; jsdom does not.
  const remove = vi.spyOn(Element.prototype, 'remove').mockImplementation(function (this: Element) {
    if (this.contains(field)) field.dispatchEvent(new FocusEvent('blur'));
    this.parentNode?.removeChild(this);
  });
  const warn = vi.spyOn(console, 'warn');
  const blurred = vi.fn();
  field.addEventListener('blur', blurred);
  unmount();
  remove.mockRestore();
  await new Promise((resolve) => setTimeout(resolve));
  expect(blurred).toHaveBeenCalled();
  expect(commands.saveRegistration).not.toHaveBeenCalled();
  expect(warn).not.toHaveBeenCalled();
});

it('saves nothing when a verdict arrives after it is gone', async () => {
  let answer = () => {};
  vi.mocked(commands.judgeField).mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        answer = () => resolve({ status: 'ok', data: { state: 'fine', says: '', trimmed: false, finding: null } });
      }),
  );
  const registration = { ...journeyOf().registration, tenant: 'contoso.com' };
  const frame = new Frame();
  const { unmount } = render(Registration, { journey: journeyOf({ registration }), frame });
  await waitFor(() => expect(frame.fill['clientId']).toBeTypeOf('function'));
  frame.fill['clientId']?.(CLIENT);
  unmount();
  answer();
  await new Promise((resolve) => setTimeout(resolve));
  expect(commands.saveRegistration).not.toHaveBeenCalled();
});

it('takes practice values through the frame', async () => {
  const frame = new Frame();
  render(Registration, { journey: journeyOf({ practice: true }), frame });
  await waitFor(() => expect(frame.fill['clientId']).toBeTypeOf('function'));
  frame.fill['clientId']?.(CLIENT);
  await waitFor(() => expect(screen.getByLabelText(/^Application \(client\) ID/)).toHaveValue(CLIENT));
});
