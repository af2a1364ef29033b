import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Credential from './Credential.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const CANARY = 'canary~0123456789012345678901234567890';
/** The step with the tab **Client secret** open. */
async function renderSecret(journey = journeyOf()): Promise<void> {
  render(Credential, { journey, frame: new Frame() });
  await userEvent.click(screen.getByRole('tab', { name: 'Client secret' }));
}

const secretField = () => screen.getByLabelText(/^Client secret value/);

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
});

it('masks the secret, saves it once, and empties the field', async () => {
  vi.mocked(commands.saveSecret).mockResolvedValue({ status: 'ok', data: journeyOf() });
  await renderSecret();
  expect(secretField()).toHaveAttribute('type', 'password');
  await userEvent.type(secretField(), CANARY);
  await userEvent.type(screen.getByLabelText(/^Ends on/), '2027-05-19');
  await userEvent.click(screen.getByRole('button', { name: 'Save and try it' }));
  await waitFor(() => expect(commands.check).toHaveBeenCalledWith('c1', 'credential'));
  expect(commands.saveSecret).toHaveBeenCalledTimes(1);
  expect(vi.mocked(commands.saveSecret).mock.calls[0]?.[1]).toMatchObject({ endsOn: '2027-05-19', keep: 'keychain' });
  await waitFor(() => expect(secretField()).toHaveValue(''));
  expect(document.body.innerHTML).not.toContain(CANARY);
});

it('keeps what was typed when saving failed, so that nothing is lost', async () => {
  const error = { code: 'keychain-locked', field: null, what: 'The keychain is locked.', fix: 'Unlock it.' } as const;
  vi.mocked(commands.saveSecret).mockResolvedValue({ status: 'error', error });
  await renderSecret();
  await userEvent.type(secretField(), CANARY);
  await userEvent.click(screen.getByLabelText('I do not know it'));
  await userEvent.click(screen.getByRole('button', { name: 'Save and try it' }));
  await waitFor(() => expect(app.problem).toEqual(error));
  expect(secretField()).toHaveValue(CANARY);
  expect(commands.check).not.toHaveBeenCalled();
});

it('explains a pasted secret ID before anything is sent, and does not save it', async () => {
  const finding = {
    id: 'secret-id-pasted',
    title: 'You pasted the secret’s ID',
    saw: 'A GUID.',
    meaning: 'It opens nothing.',
    fix: ['Copy the **Value**.'],
  };
  vi.mocked(commands.judgeField).mockResolvedValue({
    status: 'ok',
    data: { state: 'wrong', says: 'This is the Secret ID. Paste the Value.', trimmed: false, finding },
  });
  await renderSecret();
  await userEvent.click(secretField());
  await userEvent.paste('3f9a11d0-0000-0000-0000-0000000077be');
  await waitFor(() => expect(screen.getByRole('article', { name: 'You pasted the secret’s ID' })).toBeVisible());
  await userEvent.click(screen.getByRole('button', { name: 'Save and try it' }));
  expect(commands.saveSecret).not.toHaveBeenCalled();
  expect(secretField()).toHaveFocus();
});

it('offers only this session where no keychain is there, and says why', async () => {
  const keychain = { available: false, name: 'Secret Service', because: 'No keychain answers on this computer.' };
  await renderSecret(journeyOf({ credential: { ...journeyOf().credential, keychain } }));
  expect(screen.getByText(/No keychain answers/)).toBeVisible();
  expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['This session only']);
});

it('shows where a kept secret is, without it, and lets it be replaced', async () => {
  const credential = {
    ...journeyOf().credential,
    noun: 'Secret',
    kept: 'keychain',
    enteredAt: '2026-11-20T12:00:00Z',
    endsOn: '2027-05-19',
    daysLeft: 180,
  } as const;
  render(Credential, { journey: journeyOf({ credential }), frame: new Frame() });
  expect(screen.getByText('Secret kept in Secret Service')).toBeVisible();
  expect(screen.getByText(/ends 19 May 2027/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Replace' }));
  expect(secretField()).toHaveValue('');
});

it('wants to know when the secret ends, or that nobody knows', async () => {
  await renderSecret();
  await userEvent.type(secretField(), CANARY);
  const save = screen.getByRole('button', { name: 'Save and try it' });
  await userEvent.click(save);
  expect(commands.saveSecret).not.toHaveBeenCalled();
  expect(screen.getByLabelText(/^Ends on/)).toHaveFocus();
  await userEvent.click(screen.getByLabelText('I do not know it'));
  await userEvent.click(save);
  expect(vi.mocked(commands.saveSecret).mock.calls[0]?.[1]).toMatchObject({ endsOn: null });
});

it('has a pasted secret taken from the clipboard, and says so', async () => {
  await renderSecret();
  await userEvent.type(secretField(), 'typed');
  expect(commands.secretPasted).not.toHaveBeenCalled();
  await userEvent.clear(secretField());
  await userEvent.paste(CANARY);
  expect(commands.secretPasted).toHaveBeenCalledExactlyOnceWith(CANARY);
  expect(screen.getByText('Cleared from the clipboard in 60 s if it is still there.')).toBeVisible();
});
