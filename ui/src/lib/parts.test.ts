import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { finding } from '../../test/wire';
import { app } from './app.svelte';
import CopyButton from './CopyButton.svelte';
import Finding from './finding/Finding.svelte';
import Button from './form/Button.svelte';
import Field from './form/Field.svelte';
import { FieldJudge } from './form/judge.svelte';
import ErrorSummary from './problem/ErrorSummary.svelte';
import { toast, toasts } from './toast/toast.svelte';
import Toasts from './toast/Toasts.svelte';

const commands = vi.hoisted(() => ({ openPage: vi.fn(), pageAddress: vi.fn(), judgeField: vi.fn() }));
vi.mock('./bindings', () => ({ commands, events: {} }));

const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

beforeEach(() => {
  vi.resetAllMocks();
  app.problem = null;
  toasts.list = [];
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

it('a blocked button does nothing but lead to what is missing', async () => {
  document.body.insertAdjacentHTML('beforeend', '<div data-missing><input aria-label="Tenant" /></div><p id="why">Why</p>');
  const onclick = vi.fn();
  render(Button, { blocked: 'why', onclick, children: words('Continue') });
  const button = screen.getByRole('button', { name: 'Continue' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  expect(button).toHaveAccessibleDescription('Why');
  await userEvent.click(button);
  expect(onclick).not.toHaveBeenCalled();
  expect(screen.getByLabelText('Tenant')).toHaveFocus();
});

it('a busy button cannot be pressed twice', async () => {
  const onclick = vi.fn();
  render(Button, { busy: true, onclick, children: words('Save') });
  screen.getByRole('button', { name: 'Save' }).click();
  expect(onclick).not.toHaveBeenCalled();
});

it('a field shows its hint, then the verdict, then the problem', async () => {
  const { rerender } = render(Field, { id: 'tenant', label: 'Tenant', hint: 'A domain or an **ID**.' });
  const input = screen.getByLabelText('Tenant');
  expect(input).toHaveAccessibleDescription('A domain or an ID.');
  await rerender({ verdict: { state: 'fine', says: 'Looks like a domain.', trimmed: false, finding: null } });
  expect(input).toHaveAccessibleDescription('Looks like a domain.');
  expect(input).not.toHaveAttribute('aria-invalid');
  app.problem = { code: 'invalid-input', field: 'tenant', what: 'Not a tenant.', fix: 'Paste it again.' };
  await vi.waitFor(() => expect(input).toHaveAccessibleDescription('Not a tenant. Paste it again.'));
  expect(input).toHaveAttribute('aria-invalid', 'true');
  await userEvent.type(input, 'x');
  expect(input).toHaveAccessibleDescription('Looks like a domain.');
  app.problem = { code: 'invalid-input', field: 'tenant', what: 'Not one either.', fix: 'Paste it again.' };
  await vi.waitFor(() => expect(input).toHaveAccessibleDescription('Not one either. Paste it again.'));
});

it('a secret is masked and offered to no store', () => {
  render(Field, { id: 'secret', label: 'Value', secret: true });
  const input = screen.getByLabelText('Value');
  expect(input).toHaveAttribute('type', 'password');
  expect(input).toHaveAttribute('autocomplete', 'off');
  expect(input).toHaveAttribute('spellcheck', 'false');
  expect(input).toHaveValue('');
});

it('the error summary takes focus and leads to the field', async () => {
  render(Field, { id: 'clientId', label: 'Client ID' });
  render(ErrorSummary);
  expect(screen.queryByRole('alert')).toBeNull();
  app.problem = { code: 'invalid-input', field: 'clientId', what: 'Not a GUID.', fix: 'Copy it again.' };
  const summary = await screen.findByRole('alert');
  expect(summary).toHaveFocus();
  await userEvent.click(screen.getByRole('link', { name: 'Not a GUID.' }));
  expect(screen.getByLabelText('Client ID')).toHaveFocus();
});

it('judges after a pause, and drops an answer that newer text has overtaken', async () => {
  vi.useFakeTimers();
  const says = (text: string) => ({ status: 'ok', data: { state: 'fine', says: text, trimmed: false, finding: null } });
  let answerFirst = (_: unknown) => {};
  commands.judgeField.mockImplementationOnce(() => new Promise((resolve) => (answerFirst = resolve)));
  commands.judgeField.mockImplementationOnce(async () => says('second'));
  const judge = new FieldJudge('c1', 'tenant');
  judge.typed('con');
  await vi.advanceTimersByTimeAsync(399);
  expect(commands.judgeField).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(commands.judgeField).toHaveBeenCalledWith('c1', 'tenant', 'con');
  await judge.judge('contoso.com');
  answerFirst(says('first'));
  await vi.advanceTimersByTimeAsync(0);
  expect(judge.verdict?.says).toBe('second');
});

it('a finding has its parts in their order, and opens and closes', async () => {
  const oncheck = vi.fn();
  commands.openPage.mockResolvedValue({ status: 'ok', data: null });
  render(Finding, { finding: finding(), open: true, busy: false, oncheck, connection: 'c1' });
  expect(screen.getAllByRole('heading', { level: 4 }).map((each) => each.textContent)).toEqual([
    'What we saw',
    'What it means',
    'How to fix it',
  ]);
  expect(screen.getByText('consent-missing')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Open Permissions in the portal' }));
  expect(commands.openPage).toHaveBeenCalledWith('c1', 'enterprise-permissions');
  await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
  expect(oncheck).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole('button', { name: 'Close this finding' }));
  expect(screen.queryByText('What it means')).toBeNull();
});

it('copies, says so, and says when it could not', async () => {
  const user = userEvent.setup();
  render(CopyButton, { text: 'value', label: 'Copy' });
  await user.click(screen.getByRole('button', { name: 'Copy' }));
  expect(await navigator.clipboard.readText()).toBe('value');
  expect(toasts.list.map((each) => each.text)).toEqual(['Copied.']);
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('denied'));
  await user.click(screen.getByRole('button', { name: 'Copy' }));
  expect(app.problem?.what).toBe('The clipboard could not be used.');
});

it('a toast goes after five seconds, and waits while it is pointed at', async () => {
  vi.useFakeTimers();
  render(Toasts);
  toast('Saved.');
  await vi.advanceTimersByTimeAsync(4999);
  expect(screen.getByText('Saved.')).toBeInTheDocument();
  await vi.advanceTimersByTimeAsync(1);
  expect(screen.queryByText('Saved.')).toBeNull();
  toast('Copied.');
  await vi.advanceTimersByTimeAsync(1);
  screen.getByText('Copied.').dispatchEvent(new Event('focusin', { bubbles: true }));
  await vi.advanceTimersByTimeAsync(9000);
  expect(screen.getByText('Copied.')).toBeInTheDocument();
});
