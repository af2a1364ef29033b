import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import type { GatewayRow, HomeView, KeysPreview } from '../lib/wire';
import Gateways from './Gateways.svelte';
import { FINGERPRINT, rowOf, viewOf } from './testing';

vi.mock('../lib/bindings', async () => (await import('../wizard/testing/commands')).fakeBindings());

const ok = <T>(data: T) => ({ status: 'ok' as const, data });
const OTHER = 'SHA256:9fq0xkCsDhcc0u9e8BgrJXVGLbqSg8kU4XmrKQvWoZZ';
const button = (name: string | RegExp) => screen.getByRole('button', { name });
const fill = async (label: string | RegExp, text: string) => {
  screen.getByLabelText(label).focus();
  await userEvent.paste(text);
};
const press = async (name: string | RegExp) => userEvent.click(button(name));

async function show(rows: GatewayRow[]) {
  vi.mocked(commands.gateways).mockResolvedValue(ok(viewOf(rows)));
  render(Gateways, { of: 'c1' });
  await screen.findByRole('heading', { level: 1, name: 'Gateways' });
  await waitFor(() => expect(commands.gateways).toHaveBeenCalledWith('c1'));
}

beforeEach(() => {
  vi.clearAllMocks();
  const card = { id: 'c1', name: 'Contoso – Print', gateways: null, practice: false };
  app.home = { connections: [card], keychain: { available: true }, notices: [] } as unknown as HomeView;
  app.screen = { name: 'gateways', of: 'c1' };
  app.problem = null;
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

it('says what a gateway is and what comes first, while there is none', async () => {
  await show([]);
  await screen.findByRole('heading', { name: 'No gateways yet' });
  expect(screen.getByText(/a print server, an edge gateway, a VPN/)).toBeVisible();
  await press('Add a gateway');
  expect(screen.getByLabelText('Name')).toBeVisible();
});

it('tells of each gateway its key, its newest bundle and where it stands', async () => {
  const receipt = { sequence: 4, receivedAt: '2026-11-20T14:58:00Z', openedAt: '2026-11-20T14:57:00Z', tested: 'ok' } as const;
  const newest = { sequence: 4, sealedAt: '2026-11-20T14:52:00Z', endsAt: '2027-05-20T00:00:00Z', ended: false };
  await show([
    rowOf('plant-1', { standing: 'confirmed', newest, receipt }),
    rowOf('plant-2', { standing: 'failed', code: 'AADSTS7000222', newest, receipt }),
    rowOf('plant-3', { standing: 'no-key', key: null }),
  ]);
  const rows = await screen.findAllByRole('row');
  expect(rows).toHaveLength(4);
  expect(within(rows[1]!).getByText('Confirmed')).toBeVisible();
  expect(within(rows[1]!).getByText(`${FINGERPRINT} (ED25519)`)).toBeVisible();
  expect(within(rows[1]!).getByText(/^No\. 4/)).toBeVisible();
  expect(within(rows[1]!).getByText('ends 19 May 2027')).toBeVisible();
  expect(within(rows[2]!).getByText('Its test failed')).toBeVisible();
  expect(within(rows[2]!).getByText('AADSTS7000222')).toBeVisible();
  expect(within(rows[3]!).getByText('No key yet')).toBeVisible();
  expect(screen.getByText('3 gateways: 1 confirmed, 1 failed its test, 1 without a key')).toBeVisible();
});

it('shows of a thousand gateways those in view, and finds one by its fingerprint', async () => {
  const many = Array.from({ length: 1000 }, (_, at) => rowOf(`plant-${at}`, at === 700 ? { key: { kind: 'RSA', fingerprint: OTHER } } : {}));
  await show(many);
  await screen.findByText('plant-0');
  expect(screen.getAllByRole('row').length).toBeLessThan(40);
  await fill('Filter gateways', OTHER.slice(0, 14));
  expect(await screen.findByText('plant-700')).toBeVisible();
  expect(screen.getByText('1 of 1,000 shown')).toBeVisible();
});

it('adds a gateway; what the profile says is not written down for it', async () => {
  await show([]);
  await press('Add a gateway');
  vi.mocked(commands.saveGateway).mockResolvedValue(ok({ asks: [], says: 'plant-1 is in the list.', view: viewOf([rowOf('plant-1')]) }));
  await fill('Name', 'plant-1');
  expect(screen.getByRole('checkbox', { name: /^systemd/ })).toBeChecked();
  await press('Add it');
  expect(commands.saveGateway).toHaveBeenCalledWith('c1', {
    entry: 'add',
    name: 'plant-1',
    address: '',
    key: '',
    outputs: [],
    confirmed: [],
  });
  expect(await screen.findByText('plant-1')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Add it' })).toBeNull();
});

it('asks before a key takes the place of another, and goes on only when they were compared', async () => {
  await show([rowOf('plant-1')]);
  await userEvent.click(await screen.findByRole('button', { name: 'Change plant-1' }));
  const asks = [{ gateway: 'plant-1', from: FINGERPRINT, to: OTHER }];
  vi.mocked(commands.saveGateway).mockResolvedValueOnce(ok({ asks, says: null, view: viewOf([rowOf('plant-1')]) }));
  await fill(/^Another recipient key/, 'ssh-ed25519 AAAA');
  await press('Save');
  const dialog = await screen.findByRole('dialog', { name: 'Replace the key of plant-1?' });
  expect(within(dialog).getByText(FINGERPRINT)).toBeVisible();
  expect(within(dialog).getByText(OTHER)).toBeVisible();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Replace it' }));
  expect(commands.saveGateway).toHaveBeenCalledTimes(1);
  vi.mocked(commands.saveGateway).mockResolvedValueOnce(ok({ asks: [], says: 'plant-1 is changed.', view: viewOf([rowOf('plant-1')]) }));
  await userEvent.click(within(dialog).getByRole('checkbox'));
  await userEvent.click(within(dialog).getByRole('button', { name: 'Replace it' }));
  expect(commands.saveGateway).toHaveBeenLastCalledWith('c1', expect.objectContaining({ confirmed: [OTHER] }));
});

it('shows what many keys would change before they are given', async () => {
  await show([rowOf('plant-1')]);
  await userEvent.click(await screen.findByRole('button', { name: 'Add keys' }));
  const key = { kind: 'ED25519', fingerprint: OTHER };
  const preview: KeysPreview = {
    lines: [
      { line: 1, host: 'plant-1', key, target: 'changes', gateway: 'plant-1', replaces: FINGERPRINT },
      { line: 2, host: 'plant-2', key, target: 'makes', gateway: 'plant-2', replaces: null },
    ],
    problems: [{ line: 3, at: null, what: 'This is a private key.', fix: '' }],
  };
  vi.mocked(commands.previewKeys).mockResolvedValue(ok(preview));
  await fill('Public keys', 'plant-1 ssh-ed25519 AAAA');
  expect(await screen.findByText('Replaces the key of plant-1')).toBeVisible();
  expect(screen.getByText('New gateway plant-2')).toBeVisible();
  expect(screen.getByText('Line 3:')).toBeVisible();
  expect(button('Give 2 keys')).toBeVisible();
  await userEvent.click(screen.getByRole('checkbox', { name: /as new gateways/ }));
  expect(screen.getByText('Left out: plant-2 is not in the list')).toBeVisible();
  expect(button('Give 1 key')).toBeVisible();
});

it('imports the good lines of a table only when the admin says so', async () => {
  await show([rowOf('plant-1')]);
  await userEvent.click(await screen.findByRole('button', { name: 'Import a list' }));
  const problems = [{ line: 3, at: 'key', what: 'This is no key.', fix: 'Paste the line.' }];
  vi.mocked(commands.previewTable).mockResolvedValue(
    ok({ rows: [], problems, keyChanges: [], new: 2, changed: 0, unchanged: 1 }),
  );
  await fill('Table', 'name');
  expect(await screen.findByText('2 new gateways')).toBeVisible();
  expect(screen.getByText('Line 3, key:')).toBeVisible();
  await press('Import');
  expect(commands.importTable).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('checkbox', { name: /Leave this line out/ }));
  vi.mocked(commands.importTable).mockResolvedValue(ok({ asks: [], says: '2 gateways added.', view: viewOf([rowOf('a'), rowOf('b')]) }));
  await press('Import 2 gateways');
  expect(commands.importTable).toHaveBeenCalledWith('c1', { table: 'name', faulty: 'leave-out', confirmed: [] });
});

it('names what stops working before gateways are removed', async () => {
  await show([rowOf('plant-1', { standing: 'confirmed' }), rowOf('plant-2')]);
  await userEvent.click(await screen.findByRole('button', { name: 'Remove plant-1' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove plant-1?' });
  expect(within(dialog).getByText(/seals no further bundle for it and believes no receipt/)).toBeVisible();
  expect(within(dialog).getByText(/It has confirmed the current\s+credential/)).toBeVisible();
  vi.mocked(commands.removeGateways).mockResolvedValue(ok(viewOf([rowOf('plant-2')])));
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove it' }));
  expect(commands.removeGateways).toHaveBeenCalledWith('c1', ['plant-1']);
  await waitFor(() => expect(screen.queryByText('plant-1')).toBeNull());
});

it('lets the admin choose among connections, each with its counts', async () => {
  const counts = { total: 6, confirmed: 4, waiting: 2, withKey: 6, unconfirmed: 2 };
  const cards = [
    { id: 'c1', name: 'Contoso – Print', gateways: null, practice: false },
    { id: 'c2', name: 'Fabrikam – Plant edge', gateways: counts, practice: false },
  ];
  app.home = { connections: cards, keychain: { available: true }, notices: [] } as unknown as HomeView;
  await show([]);
  const chooser = screen.getByRole('combobox', { name: 'Connection' });
  expect(within(chooser).getByRole('option', { name: 'Contoso – Print – no gateways yet' })).toBeInTheDocument();
  await userEvent.selectOptions(chooser, 'Fabrikam – Plant edge – 4 of 6 confirmed');
  expect(app.screen).toEqual({ name: 'gateways', of: 'c2' });
});
