import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import type { HomeView, SealedView } from '../lib/wire';
import { GatewayList } from './list.svelte';
import ReceiptsCard from './ReceiptsCard.svelte';
import SealCard from './SealCard.svelte';
import Sealed from './Sealed.svelte';
import { rowOf, viewOf } from './testing';

vi.mock('../lib/bindings', async () => (await import('../wizard/testing/commands')).fakeBindings());

const ok = <T>(data: T) => ({ status: 'ok' as const, data });
const FOLDER = '/home/priya/gatehouse/c1';
const ROWS = [rowOf('plant-1', { standing: 'confirmed' }), rowOf('plant-2'), rowOf('plant-3', { standing: 'no-key', key: null })];

function sealedOf(changes: Partial<SealedView> = {}): SealedView {
  const file = { gateway: 'plant-2', name: 'plant-2.tar.age', sha256: 'ab'.repeat(32), bytes: 6120, sequence: 3, endsAt: '2027-05-19T00:00:00Z' };
  return {
    at: '2026-11-20T14:52:00Z',
    folder: FOLDER,
    files: [file],
    leftOut: [{ gateway: 'plant-3', because: 'It has no key yet.' }],
    cancelled: false,
    others: ['allowed_signers', 'OPEN.txt'],
    signedBy: 'SHA256:signer',
    allowedSigners: 'gatehouse namespaces="gatehouse-bundle" ssh-ed25519 AAAA',
    ways: [
      { id: 'gatehouse', title: 'With Gatehouse', needs: 'As root.', open: 'gatehouse bundle open plant-2.tar.age', receipt: 'gatehouse bundle receipt' },
      { id: 'stock', title: 'Stock tools', needs: 'With age.', open: 'age -d', receipt: 'ssh-keygen -Y sign' },
    ],
    view: viewOf(ROWS),
    ...changes,
  };
}

let list: GatewayList;

beforeEach(() => {
  vi.clearAllMocks();
  vi.mocked(commands.sealOutlook).mockResolvedValue(ok({ endsOn: '2027-05-19', withCredential: true, unproven: null }));
  app.home = { connections: [], keychain: { available: true }, notices: [] } as unknown as HomeView;
  app.problem = null;
  app.sealing = null;
  list = new GatewayList('c1');
  list.view = viewOf(ROWS);
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

it('seals for those with a key, and says who is left out', async () => {
  vi.mocked(commands.sealBundles).mockResolvedValue(ok(sealedOf()));
  render(SealCard, { list });
  expect(screen.getByText('plant-3 has no key yet and will be left out.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Seal 2 bundles' }));
  expect(commands.sealBundles).toHaveBeenCalledWith('c1', {
    which: 'all',
    gateways: [],
    folder: FOLDER,
    existing: 'keep',
    fleet: 'none',
    signingKeyFile: '',
    endsOn: null,
    unproven: 'refuse',
  });
  await waitFor(() => expect(list.sealed).not.toBeNull());
});

it('lets the admin choose the last day of the bundles', async () => {
  vi.mocked(commands.judgeField).mockResolvedValue(ok({ state: 'fine', says: '40 days.', trimmed: false, finding: null }));
  render(SealCard, { list });
  expect(await screen.findByRole('radio', { name: 'With the credential, on 19 May 2027' })).toBeChecked();
  await userEvent.click(screen.getByRole('radio', { name: 'To a day' }));
  await userEvent.type(screen.getByLabelText('Last day'), '2026-12-31');
  await userEvent.click(screen.getByRole('button', { name: 'Seal 2 bundles' }));
  expect(commands.sealBundles).toHaveBeenLastCalledWith('c1', expect.objectContaining({ endsOn: '2026-12-31', unproven: 'refuse' }));
});

it('says when bundles end whose credential has no known end', async () => {
  vi.mocked(commands.sealOutlook).mockResolvedValue(ok({ endsOn: '2027-02-18', withCredential: false, unproven: null }));
  render(SealCard, { list });
  expect(await screen.findByRole('radio', { name: 'In 90 days, on 18 Feb 2027' })).toBeChecked();
  expect(screen.getByText('Nobody entered when the credential ends.')).toBeVisible();
});

it('seals what is not proven only after the admin has read why it is not', async () => {
  const unproven = 'The link Consent is broken: 2 of 4 roles are missing.';
  vi.mocked(commands.sealOutlook).mockResolvedValue(ok({ endsOn: '2027-05-19', withCredential: true, unproven }));
  vi.mocked(commands.sealBundles).mockResolvedValue(ok(sealedOf()));
  render(SealCard, { list });
  expect(await screen.findByText(unproven)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Seal 2 bundles' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Seal all the same…' }));
  const dialog = screen.getByRole('dialog', { name: 'Seal what is not proven?' });
  expect(dialog).toHaveTextContent(unproven);
  expect(commands.sealBundles).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Seal 2 bundles unproven' }));
  expect(commands.sealBundles).toHaveBeenLastCalledWith('c1', expect.objectContaining({ unproven: 'seal-anyway' }));
});

it('seals for those that were ticked, or for those without the current credential', async () => {
  list.chosen.add('plant-2');
  render(SealCard, { list });
  await userEvent.click(screen.getByRole('button', { name: 'Seal 1 bundle' }));
  expect(commands.sealBundles).toHaveBeenLastCalledWith('c1', expect.objectContaining({ which: 'named', gateways: ['plant-2'] }));
  await userEvent.click(screen.getByRole('radio', { name: 'The 2 without the current credential' }));
  await userEvent.click(screen.getByRole('checkbox', { name: /Ansible/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Seal 1 bundle' }));
  expect(commands.sealBundles).toHaveBeenLastCalledWith('c1', expect.objectContaining({ which: 'unconfirmed', fleet: 'ansible' }));
});

it('asks before it replaces bundles that are there', async () => {
  const error = { code: 'already-there', field: 'folder', what: 'plant-1.tar.age is there already.', fix: '' } as const;
  vi.mocked(commands.sealBundles).mockResolvedValueOnce({ status: 'error', error });
  render(SealCard, { list });
  await userEvent.click(screen.getByRole('button', { name: 'Seal 2 bundles' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Replace it' }));
  expect(commands.sealBundles).toHaveBeenLastCalledWith('c1', expect.objectContaining({ existing: 'replace' }));
});

it('tells how far it is, and can be stopped', async () => {
  let answer: (value: { status: 'ok'; data: SealedView }) => void = () => {};
  vi.mocked(commands.sealBundles).mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  render(SealCard, { list });
  await userEvent.click(screen.getByRole('button', { name: 'Seal 2 bundles' }));
  app.hear({ connection: 'c1', progress: { kind: 'sealing', done: 1, of: 2 } });
  app.hear({ connection: 'other', progress: { kind: 'sealing', done: 2, of: 2 } });
  expect(await screen.findByText('1 of 2')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
  expect(commands.cancel).toHaveBeenCalledWith('c1');
  answer(ok(sealedOf({ cancelled: true })));
  await waitFor(() => expect(list.sealed?.cancelled).toBe(true));
  expect(app.sealing).toBeNull();
});

it('shows the files with their checksums, the commands and the signers’ line', async () => {
  list.sealed = sealedOf();
  render(Sealed, { list });
  expect(screen.getByText('plant-2.tar.age', { selector: '.small' })).toBeVisible();
  expect(screen.getByText(`SHA-256 ${'ab'.repeat(32)}`)).toBeVisible();
  expect(screen.getByText('1 gateway left out')).toBeVisible();
  expect(screen.getByText('gatehouse bundle open plant-2.tar.age')).toBeVisible();
  await userEvent.click(screen.getByRole('tab', { name: 'Stock tools' }));
  expect(screen.getByText('age -d')).toBeVisible();
  expect(screen.getByText(/^gatehouse namespaces=/)).toBeVisible();
});

it('tells of each receipt what it said, or why it is not believed', async () => {
  const lines = [
    { from: 'Receipt 1', gateway: 'plant-2', answer: 'current' as const, says: 'It opened bundle 3 and has the current credential.' },
    { from: 'Receipt 2', gateway: null, answer: 'refused' as const, says: 'This is no receipt.' },
  ];
  vi.mocked(commands.receiveReceipts).mockResolvedValue(ok({ lines, view: viewOf(ROWS) }));
  render(ReceiptsCard, { list });
  await userEvent.click(screen.getByRole('button', { name: 'Take it' }));
  expect(commands.receiveReceipts).not.toHaveBeenCalled();
  screen.getByLabelText('A receipt, or several').focus();
  await userEvent.paste('receipt');
  await userEvent.click(screen.getByRole('button', { name: 'Take it' }));
  expect(await screen.findByText('Not believed')).toBeVisible();
  expect(screen.getByText('It opened bundle 3 and has the current credential.')).toBeVisible();
});
