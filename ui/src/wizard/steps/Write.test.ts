import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type WriteView } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Write from './Write.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const FOLDER = '/home/priya/gatehouse';
const show = (write: Partial<WriteView>) =>
  render(Write, { journey: journeyOf({ write: { ...journeyOf().write, ...write } }), frame: new Frame() });

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

it('leaves the secret out unless the admin says so, and says what it means', async () => {
  show({ preview: '{}' });
  const box = screen.getByRole('checkbox', { name: /Put the client secret into/ });
  expect(box).not.toBeChecked();
  await userEvent.click(screen.getByRole('button', { name: 'Write' }));
  expect(commands.writeConfig).toHaveBeenLastCalledWith('c1', {
    folder: FOLDER,
    secretInEnvFile: 'leave-out',
    existing: 'keep',
  });
  await userEvent.click(box);
  expect(screen.getByText(/Whoever can read that file can act as the gateway/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Write' }));
  expect(commands.writeConfig).toHaveBeenLastCalledWith('c1', {
    folder: FOLDER,
    secretInEnvFile: 'include',
    existing: 'keep',
  });
});

it('asks before it replaces what is there', async () => {
  const error = {
    code: 'already-there',
    field: 'folder',
    what: 'The folder holds a config.',
    fix: 'Choose another.',
  } as const;
  vi.mocked(commands.writeConfig).mockResolvedValueOnce({ status: 'error', error });
  show({ preview: '{}' });
  await userEvent.click(screen.getByRole('button', { name: 'Write' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Replace it' }));
  await waitFor(() =>
    expect(commands.writeConfig).toHaveBeenLastCalledWith('c1', {
      folder: FOLDER,
      secretInEnvFile: 'leave-out',
      existing: 'replace',
    }),
  );
  expect(commands.writeConfig).toHaveBeenCalledTimes(2);
});

it('does not write while there is nothing to write', async () => {
  show({ preview: null });
  const button = screen.getByRole('button', { name: 'Write' });
  expect(button).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(button);
  expect(commands.writeConfig).not.toHaveBeenCalled();
});

it("takes the folder from the system's dialog", async () => {
  vi.mocked(commands.chooseFolder).mockResolvedValue({ status: 'ok', data: '/srv/gateway' });
  show({ preview: '{}' });
  await userEvent.click(screen.getByRole('button', { name: 'Choose…' }));
  await waitFor(() => expect(screen.getByLabelText('Write to')).toHaveValue('/srv/gateway'));
});

it('shows the files as they were read back, and says when they are out of date', async () => {
  const files = [{ name: 'gateway.env', bytes: 812, sha256: '4f0c91d2', holdsSecret: true }];
  show({ preview: '{}', written: { at: '2026-11-20T14:52:00Z', folder: FOLDER, files, outdated: true } });
  expect(screen.getByText('SHA-256 4f0c91d2')).toBeVisible();
  expect(screen.getByText('holds the secret')).toBeVisible();
  expect(screen.getByText('Settings changed since.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Open folder' }));
  expect(commands.openWrittenFolder).toHaveBeenCalledWith('c1');
});
