import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../../test/axe';
import { ok } from '../../test/wire';
import { app } from '../lib/app.svelte';
import type { SettingsView } from '../lib/wire';
import Settings from './Settings.svelte';

const commands = vi.hoisted(() => ({ settings: vi.fn(), saveSettings: vi.fn() }));
vi.mock('../lib/bindings', () => ({ commands, events: {} }));

const begun: SettingsView = {
  maskNames: 'auto',
  maskNamesBy: 'gatehouse',
  remindDays: [60, 30, 14, 7, 1],
  remindDaysBy: 'gatehouse',
  problems: [],
  unusableProfiles: [],
  policyFile: '/etc/gatehouse/policy.json',
};

async function show(settings: Partial<SettingsView> = {}) {
  commands.settings.mockImplementation(() => ok({ ...begun, ...settings }));
  const { container } = render(Settings);
  await screen.findByRole('heading', { name: 'Mask the names of people' });
  return container;
}

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'settings' };
  app.problem = null;
});

it('shows each setting with who has decided it, and saves a choice at once', async () => {
  const container = await show();
  expect(screen.getByRole('radio', { name: /^In real tenants/ })).toBeChecked();
  expect(screen.getAllByText(/Gatehouse’s own choice/)).toHaveLength(2);
  expect(await faults(container)).toEqual([]);
  commands.saveSettings.mockImplementation(() => ok({ ...begun, maskNames: 'always', maskNamesBy: 'you' }));
  await userEvent.click(screen.getByRole('radio', { name: /^Always/ }));
  expect(commands.saveSettings).toHaveBeenCalledWith({ maskNames: 'always', remindDays: null });
  const names = screen.getByRole('region', { name: 'Names of people' });
  expect(await within(names).findByText('Your choice.')).toBeVisible();
  expect(screen.getByRole('radio', { name: /^Always/ })).toBeChecked();
});

it('saves the days as they are typed, and shows at the field what cannot be used', async () => {
  await show();
  const field = screen.getByLabelText(/Days before its end/);
  expect(field).toHaveValue('60, 30, 14, 7, 1');
  const problem = { code: 'invalid-input', field: 'remindDays', what: '“soon” is no number of days.', fix: 'Write numbers.' };
  commands.saveSettings.mockResolvedValue({ status: 'error', error: problem });
  await userEvent.clear(field);
  await userEvent.type(field, '90, soon');
  await userEvent.click(screen.getByRole('button', { name: 'Save the days' }));
  expect(commands.saveSettings).toHaveBeenCalledWith({ maskNames: null, remindDays: '90, soon' });
  expect(field).toHaveAttribute('aria-invalid', 'true');
  expect(field).toHaveValue('90, soon');
  commands.saveSettings.mockImplementation(() => ok({ ...begun, remindDays: [90, 7], remindDaysBy: 'you' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save the days' }));
  expect(await screen.findByDisplayValue('90, 7')).toBeVisible();
});

it('locks what a policy has decided, says so, and tells what could not be read', async () => {
  const problem = '`remind_days` of the settings cannot be used.';
  const container = await show({ maskNames: 'always', maskNamesBy: 'policy', remindDays: [7], remindDaysBy: 'policy', problems: [problem] });
  expect(screen.queryByRole('radio')).toBeNull();
  expect(screen.queryByRole('textbox')).toBeNull();
  expect(screen.getByText('/etc/gatehouse/policy.json')).toBeVisible();
  expect(screen.getAllByText(/Decided by the administrator of this computer/)).toHaveLength(2);
  expect(screen.getByText('7 days before its end.')).toBeVisible();
  expect(container.querySelector('.note--warn')).toHaveTextContent('cannot be used');
  expect(await faults(container)).toEqual([]);
});

it('names a vendor’s profile that cannot be used, with line, field and fix', async () => {
  const problems = [
    { line: 7, field: 'permission[2].name', what: '“User.Reed” is no permission of Graph.', fix: 'Write its name as Graph does.' },
    { line: null, field: null, what: 'The file is not UTF-8 text.', fix: 'Save it as UTF-8.' },
  ];
  const container = await show({ unusableProfiles: [{ file: '/home/priya/profiles/door.toml', problems }] });
  const note = screen.getByRole('region', { name: 'A vendor’s profile cannot be used, and is not offered' });
  expect(within(note).getByText('/home/priya/profiles/door.toml')).toBeVisible();
  expect(note).toHaveTextContent('Line 7, permission[2].name: “User.Reed” is no permission of Graph. Write its name as Graph does.');
  expect(note).toHaveTextContent('The file is not UTF-8 text. Save it as UTF-8.');
  expect(await faults(container)).toEqual([]);
});
