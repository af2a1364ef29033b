import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../../test/axe';
import { chain, finding, home, journey, ok } from '../../test/wire';
import { app } from '../lib/app.svelte';
import type { HolderView, LifelineView, RotationUnderWay, RotationView } from '../lib/wire';
import Rotate from './Rotate.svelte';

const commands = vi.hoisted(() => ({
  home: vi.fn(),
  journey: vi.fn(),
  gateways: vi.fn(),
  rotation: vi.fn(),
  judgeField: vi.fn(),
  rotateToSecret: vi.fn(),
  proveRotation: vi.fn(),
  exceptGateways: vi.fn(),
  lookForOldCredential: vi.fn(),
  finishRotation: vi.fn(),
  abandonRotation: vi.fn(),
  goBackUnproven: vi.fn(),
  gatewaysAreWhole: vi.fn(),
  cancel: vi.fn(),
  openPage: vi.fn(),
  secretPasted: vi.fn(),
}));
vi.mock('../lib/bindings', () => ({ commands, events: {} }));

const old: LifelineView = { noun: 'Secret', hint: 'wX~', startsOn: '2026-06-01', endsOn: '2026-12-01', daysLeft: 11 };
const fresh: LifelineView = { noun: 'Secret', hint: 'p7~', startsOn: '2026-11-20', endsOn: '2027-05-19', daysLeft: 180 };
const holder = (gateway: string, holds: HolderView['holds']): HolderView => ({
  gateway,
  address: null,
  holds,
  code: null,
  receiptAt: holds === 'unknown' ? null : '2026-11-20T11:00:00Z',
  sealed: false,
  excepted: false,
  cannotAnswer: false,
});

function view(underWay: Partial<RotationUnderWay> | null, changes: Partial<RotationView> = {}): RotationView {
  const begun: RotationUnderWay = {
    stage: 'handing-out',
    startedAt: '2026-11-20T10:00:00Z',
    provenAt: '2026-11-20T10:42:00Z',
    new: fresh,
    tried: null,
    removal: null,
    holders: [holder('edge-1', 'new'), holder('edge-2', 'old'), holder('edge-3', 'unknown')],
    confirmed: 1,
    waitingFor: ['edge-2', 'edge-3'],
    exceptions: [],
    removable: false,
  };
  return {
    connection: 'c1',
    name: 'Fabrikam – Plant edge',
    practice: false,
    keychain: { available: true, name: 'Secret Service', because: null },
    old,
    underWay: underWay && { ...begun, ...underWay },
    last: null,
    links: chain({ network: 'proven', credential: 'proven' }),
    now: '2026-11-20T12:00:00Z',
    ...changes,
  };
}

async function show(state: RotationView) {
  commands.rotation.mockImplementation(() => ok(state));
  const { container } = render(Rotate);
  await screen.findByText(/the old one keeps working/);
  return container;
}

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'rotate', connection: 'c1' };
  app.home = home();
  app.journey = journey();
  app.problem = null;
  commands.home.mockImplementation(() => ok(app.home));
  commands.journey.mockImplementation(() => ok(journey()));
  commands.gateways.mockImplementation(() => new Promise(() => {}));
  commands.judgeField.mockImplementation(() => ok({ state: 'fine', says: '', finding: null }));
});

it('keeps the new secret and proves it in one go, and holds nothing back of it', async () => {
  const container = await show(view(null));
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Keep it and prove it' }));
  expect(commands.rotateToSecret).not.toHaveBeenCalled();
  await userEvent.type(screen.getByLabelText('New client secret value'), 'p7~new');
  await userEvent.click(screen.getByLabelText('I do not know it'));
  const entered = view({ stage: 'entered', provenAt: null });
  commands.rotateToSecret.mockImplementation(() => ok(entered));
  commands.proveRotation.mockImplementation(() => ok({ proven: true, links: chain(), findings: [], view: view({}) }));
  await userEvent.click(screen.getByRole('button', { name: 'Keep it and prove it' }));
  expect(commands.rotateToSecret).toHaveBeenCalledWith('c1', { secret: '', endsOn: null, keep: 'keychain' });
  expect(await screen.findByText('Two secrets side by side')).toBeVisible();
  expect(container).not.toHaveTextContent('p7~new');
});

it('counts down while the new one is not known yet, and shows what refuses it', async () => {
  let answer = (_: unknown) => {};
  commands.proveRotation.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  const container = await show(view({ stage: 'entered', provenAt: null, holders: [], waitingFor: [] }));
  expect(screen.getByRole('button', { name: 'Remove the old secret' })).toHaveAccessibleDescription('The new one is not proven yet.');
  await userEvent.click(screen.getByRole('button', { name: 'Prove it' }));
  app.hear({ connection: 'c1', progress: { kind: 'notYet', nextInMs: 5000 } });
  expect(await screen.findByText(/Not yet: Entra ID does not know it so far/)).toBeVisible();
  const tried = { at: '2026-11-20T11:00:00Z', finding: 'secret-wrong', title: 'Entra ID does not know this secret' };
  const wrong = finding({ id: 'secret-wrong', link: 'credential', title: 'Entra ID does not know this secret' });
  answer(await ok({ proven: false, links: chain({ credential: 'broken' }), findings: [wrong], view: view({ stage: 'entered', provenAt: null, tried }) }));
  expect(await screen.findByRole('article', { name: 'Entra ID does not know this secret' })).toBeVisible();
  expect(container.querySelectorAll('.btn--primary')).toHaveLength(1);
  expect(await faults(container)).toEqual([]);
});

it('says who holds what, and why the old one stays', async () => {
  const container = await show(view({}));
  const rows = screen.getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getAllByRole('cell')[0]?.textContent)).toEqual(['edge-2', 'edge-3', 'edge-1']);
  expect(container).toHaveTextContent('2 without the new one');
  expect(screen.getByRole('button', { name: 'Remove the old secret' })).toHaveAccessibleDescription(
    'You can remove the old secret when edge-2 and edge-3 have sent a receipt, or after you name them as exceptions.',
  );
  expect(screen.getByRole('button', { name: 'Seal bundles for 2 gateways' })).toHaveClass('btn--primary');
  expect(container).toHaveTextContent('overlap: 11 days');
  expect(await faults(container)).toEqual([]);
});

it('tells a secret and a certificate apart, and leads to the portal with the certificate', async () => {
  const certificate = { ...fresh, noun: 'Certificate' };
  commands.openPage.mockImplementation(() => ok(null));
  await show(view({ stage: 'entered', provenAt: null, new: certificate, holders: [], waitingFor: [] }));
  await userEvent.click(screen.getByRole('button', { name: 'Open Certificates & secrets' }));
  expect(commands.openPage).toHaveBeenCalledWith('c1', 'certificates-and-secrets');
  commands.rotation.mockImplementation(() => ok(view({ new: certificate })));
  render(Rotate);
  expect(await screen.findByRole('heading', { name: 'Who holds which credential' })).toBeVisible();
  expect(screen.getByText('Old secret')).toBeVisible();
  expect(screen.getByText('New certificate', { selector: '.stat' })).toBeVisible();
});

it('speaks of every gateway before a rotation has begun', async () => {
  const container = await show(view(null));
  expect(container).toHaveTextContent('To every gateway');
  expect(container).not.toHaveTextContent('No gateways yet');
});

it('takes exceptions only by name and typed number', async () => {
  await show(view({}));
  await userEvent.click(screen.getByRole('button', { name: 'Name exceptions…' }));
  const dialog = screen.getByRole('dialog');
  await userEvent.click(within(dialog).getByRole('checkbox', { name: 'edge-3' }));
  await userEvent.click(within(dialog).getByRole('button', { name: 'Do not wait for 1 gateway' }));
  expect(commands.exceptGateways).not.toHaveBeenCalled();
  expect(await faults(dialog)).toEqual([]);
  commands.exceptGateways.mockImplementation(() => ok(view({ exceptions: ['edge-3'], waitingFor: ['edge-2'] })));
  await userEvent.type(within(dialog).getByLabelText('How many are they?'), '1');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Do not wait for 1 gateway' }));
  expect(commands.exceptGateways).toHaveBeenCalledWith('c1', ['edge-3']);
  expect(await screen.findByText(/when edge-2 has sent a receipt, or after you name it as an exception/)).toBeVisible();
});

it('looks for the old one, says not yet, and finishes on a word only where nobody could tell', async () => {
  const container = await show(view({ removable: true, waitingFor: [] }));
  const looked = (seen: 'accepted' | 'could-not-tell') =>
    ok(view({ removable: true, waitingFor: [], removal: { at: '2026-11-20T12:00:00Z', seen, because: seen === 'accepted' ? null : 'the network is down' } }));
  commands.lookForOldCredential.mockImplementation(() => looked('accepted'));
  await userEvent.click(screen.getByRole('button', { name: 'Look whether it is gone' }));
  expect(await screen.findByText('Not yet: Entra ID still takes the old secret.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /I have deleted it/ })).toBeNull();
  commands.lookForOldCredential.mockImplementation(() => looked('could-not-tell'));
  await userEvent.click(screen.getByRole('button', { name: 'Look again' }));
  await userEvent.click(await screen.findByRole('button', { name: 'I have deleted it…' }));
  expect(await faults(container)).toEqual([]);
  const last = { finishedAt: '2026-11-20T12:01:00Z', exceptions: ['edge-3'], seenRefused: false };
  commands.finishRotation.mockImplementation(() => ok(view(null, { last })));
  await userEvent.click(screen.getByRole('button', { name: 'I have deleted it' }));
  expect(await screen.findByText('The rotation ended on your word')).toBeVisible();
  expect(container).toHaveTextContent('Without a receipt: edge-3.');
});

it('goes back to the old one after a question', async () => {
  await show(view({}));
  commands.abandonRotation.mockImplementation(() => ok(view(null)));
  await userEvent.click(screen.getByRole('button', { name: 'Give it up…' }));
  expect(screen.getByRole('dialog')).toHaveTextContent('1 gateway already works with the new one');
  await userEvent.click(screen.getByRole('button', { name: 'Go back to the old one' }));
  expect(await screen.findByRole('heading', { name: 'The new credential' })).toBeVisible();
});

it('goes back without knowing only after it was asked, and says what that means', async () => {
  const container = await show(view({}));
  const refusal = { code: 'not-ready', field: null, what: 'It could not be told.', fix: 'Try again.' };
  commands.abandonRotation.mockImplementation(() => Promise.resolve({ status: 'error', error: refusal }));
  const unknown = view({ removal: { at: '2026-11-20T12:00:00Z', seen: 'could-not-tell', because: 'nobody answers' } });
  await userEvent.click(screen.getByRole('button', { name: 'Give it up…' }));
  expect(screen.queryByRole('button', { name: 'Go back without knowing' })).toBeNull();
  commands.rotation.mockImplementation(() => ok(unknown));
  await userEvent.click(screen.getByRole('button', { name: 'Go back to the old one' }));
  expect(await screen.findByText('It could not be told.')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Give it up…' }));
  expect(screen.getByRole('dialog')).toHaveTextContent('still works, because nobody answers.');
  expect(await faults(container)).toEqual([]);
  const back = view({ stage: 'entered', provenAt: null, wentBackAt: '2026-11-20T12:01:00Z' });
  commands.goBackUnproven.mockImplementation(() => ok(back));
  await userEvent.click(screen.getByRole('button', { name: 'Go back without knowing' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Give it up…' }));
  expect(screen.getByRole('dialog')).toHaveTextContent('only if Entra ID takes the old one now');
});

it('waits for a damaged list until somebody says that it is whole, and names other connections', async () => {
  const lost = { connection: 'c1', path: '/data/gateways/c1.damaged.json' };
  const elsewhere = [{ name: 'Contoso doors', usesOld: true, gateways: ['contoso-doors/door-1'] }];
  const container = await show(view({ waitingFor: [], listLost: lost, elsewhere }));
  expect(container).toHaveTextContent('1 gateway of it may hold the old one: contoso-doors/door-1.');
  expect(screen.getByRole('button', { name: 'Remove the old secret' })).toHaveAccessibleDescription(/was damaged/);
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'The list is whole…' }));
  commands.gatewaysAreWhole.mockImplementation(() => ok(view({ waitingFor: [], removable: true })));
  await userEvent.click(screen.getByRole('button', { name: 'The list is whole' }));
  expect(commands.gatewaysAreWhole).toHaveBeenCalledWith('c1', 'c1');
  expect(await screen.findByRole('heading', { name: 'Remove the old secret' })).toBeVisible();
});
