import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../../test/axe';
import { card, chain, finding, home, journey, ok, practice, run } from '../../test/wire';
import { app } from '../lib/app.svelte';
import { between, grouped } from './history';
import { counted } from './revalidate';
import Revalidate from './Revalidate.svelte';

const commands = vi.hoisted(() => ({
  home: vi.fn(),
  check: vi.fn(),
  cancel: vi.fn(),
  history: vi.fn(),
  saveReport: vi.fn(),
  setPracticeScenario: vi.fn(),
}));
vi.mock('../lib/bindings', () => ({ commands, events: {} }));

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'revalidate', connection: 'c1' };
  app.home = null;
  app.journey = journey();
  app.problem = null;
  commands.home.mockImplementation(() => ok(app.home));
  commands.history.mockImplementation(() => ok({ runs: [], changed: null }));
});

it('opens the first finding alone, and shows a link’s evidence when it is pressed', async () => {
  app.journey = journey({
    links: chain({ network: 'proven', consent: 'broken' }),
    findings: [finding(), finding({ id: 'secret-ending', link: 'credential', severity: 'attention', title: 'Ending' })],
  });
  const { container } = render(Revalidate);
  expect(screen.getByText('1 broken, 1 works but needs attention')).toBeVisible();
  expect(screen.getAllByRole('button', { expanded: true, name: /finding/ })).toHaveLength(1);
  expect(container.querySelectorAll('.btn--primary')).toHaveLength(1);
  const network = screen.getByRole('button', { name: /^Network: Proven/ });
  await userEvent.click(network);
  expect(screen.getByRole('region', { name: 'Evidence for Network' })).toBeVisible();
  expect(await faults(container)).toEqual([]);
  await userEvent.click(network);
  expect(screen.queryByRole('region', { name: /^Evidence for/ })).toBeNull();
});

it('says that a rotation is under way', () => {
  app.home = home({ connections: [card({ id: 'c1', rotating: true })] });
  app.journey = journey({ credential: { ...journey().credential, kept: 'keychain' } });
  render(Revalidate);
  expect(screen.getByRole('button', { name: 'Go on rotating' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Rotate' })).toBeNull();
});

it('follows a check live, can stop it, and reads the history anew after it', async () => {
  let answer = (_: unknown) => {};
  commands.check.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  commands.cancel.mockImplementation(() => ok(null));
  const { container } = render(Revalidate);
  await userEvent.click(screen.getByRole('button', { name: 'Re-validate' }));
  expect(commands.check).toHaveBeenCalledWith('c1', 'gateway');
  app.hear({ connection: 'c1', progress: { kind: 'link', link: 'network', state: 'proven', word: 'Proven' } });
  app.hear({ connection: 'c1', progress: { kind: 'link', link: 'tenant', state: 'checking', word: 'Checking' } });
  await vi.waitFor(() => expect(container).toHaveTextContent('Trying Tenant, 1 of 8 links done'));
  expect(container.querySelector('.link.is-checking')).toHaveTextContent('Tenant');
  expect(screen.queryByText(/Nothing/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
  expect(commands.cancel).toHaveBeenCalledWith('c1');
  expect(commands.history).toHaveBeenCalledTimes(1);
  answer({ status: 'ok', data: journey({ findings: [finding()], checkedAt: '2026-11-20T14:00:00Z' }) });
  await vi.waitFor(() => expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull());
  expect(screen.getByText('1 broken')).toBeVisible();
  expect(commands.history).toHaveBeenCalledTimes(2);
});

it('shows earlier runs in words, and what changed since the last good one', async () => {
  const broken = run({ id: '3', verdict: 'broken', says: 'Consent', states: chain({ consent: 'broken' }).map((link) => link.state) });
  commands.history.mockImplementation(() =>
    ok({
      runs: [broken, run({ id: '2', at: '2026-11-19T08:00:00Z' }), run({ id: '1', at: '2026-11-10T08:00:00Z' })],
      changed: { since: '2026-11-19T08:00:00Z', changes: ['The token no longer carries `Group.Read.All`.'] },
    }),
  );
  const { container } = render(Revalidate);
  const runs = within(await screen.findByRole('complementary', { name: 'Earlier runs' }));
  const lines = await runs.findAllByRole('listitem');
  expect(lines.map((line) => line.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
    expect.stringContaining('Consent'),
    expect.stringMatching(/^10–19 Nov.*Proven, 2 runs$/),
    'The token no longer carries Group.Read.All.',
  ]);
  expect(container.querySelectorAll('.run')).toHaveLength(3);
  expect(container.querySelectorAll('.run i.b')).toHaveLength(1);
  expect(await faults(container)).toEqual([]);
});

it('a history that is answered late does not replace another connection’s', async () => {
  let late = (_: unknown) => {};
  commands.history.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
  render(Revalidate);
  await vi.waitFor(() => expect(commands.history).toHaveBeenCalledWith('c1'));
  app.screen = { name: 'revalidate', connection: 'c2' };
  app.journey = journey({ id: 'c2' });
  await vi.waitFor(() => expect(commands.history).toHaveBeenCalledWith('c2'));
  late({ status: 'ok', data: { runs: [run({ says: 'Of another' })], changed: null } });
  await vi.waitFor(() => expect(screen.getByText(/Each finished check is kept here/)).toBeVisible());
  expect(screen.queryByText('Of another')).toBeNull();
});

it('puts runs in a row together when they came to the same', () => {
  const now = new Date('2026-11-20T20:00:00');
  const at = (day: number, hour = 8) => new Date(2026, 10, day, hour).toISOString();
  const runs = [
    run({ id: '5', at: at(20, 13), verdict: 'broken', says: 'Consent' }),
    run({ id: '4', at: at(20), verdict: 'broken', says: 'Consent' }),
    run({ id: '3', at: at(19), says: 'Credential', verdict: 'attention' }),
    run({ id: '2', at: at(18) }),
    run({ id: '1', at: at(11) }),
  ];
  expect(grouped(runs, now).map(({ id, when, says, count }) => [id, when, says, count])).toEqual([
    ['5', '08:00–13:00', 'Consent', 2],
    ['3', 'yesterday 08:00', 'Credential', 1],
    ['2', '11–18 Nov', 'Proven', 2],
  ]);
  expect(between(new Date(2026, 9, 28).toISOString(), at(3), now)).toBe('28 Oct–3 Nov');
  expect(grouped([], now)).toEqual([]);
});

it('saves the report, and says where', async () => {
  commands.saveReport.mockImplementation(() => ok('/home/ada/report.html'));
  render(Revalidate);
  await userEvent.click(screen.getByRole('button', { name: 'Save report…' }));
  expect(commands.saveReport).toHaveBeenCalledWith('c1', { format: 'html', ids: 'short' });
});

it('says when nothing was found, and when nothing was tried', async () => {
  render(Revalidate);
  expect(screen.getByText('Proven', { selector: 'b' })).toBeVisible();
  app.journey = journey({ summary: 'Setup at step 1 of 10', summaryState: 'idle' });
  expect(await screen.findByText('Nothing was found that has to be mended')).toBeVisible();
  app.journey = journey({ checkedAt: null });
  expect(await screen.findByText('Nothing has been tried yet')).toBeVisible();
});

it('a connection that was never checked has no report', () => {
  app.journey = journey({ checkedAt: null });
  render(Revalidate);
  expect(screen.queryByRole('button', { name: 'Save report…' })).toBeNull();
});

it('a practice connection names what is played, and mends it', async () => {
  app.home = home({ practice: practice({ scenario: 'secret-expired' }) });
  app.journey = journey({ practice: true, findings: [finding()] });
  commands.setPracticeScenario.mockImplementation((scenario: string) => ok(home({ practice: practice({ scenario }) })));
  commands.check.mockImplementation(() => ok(journey({ practice: true })));
  const { container } = render(Revalidate);
  expect(screen.getByText('The secret has ended')).toBeVisible();
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Mend it and check again' }));
  expect(commands.setPracticeScenario).toHaveBeenCalledWith('healthy');
  await vi.waitFor(() => expect(commands.check).toHaveBeenCalledWith('c1', 'gateway'));
  expect(screen.queryByRole('button', { name: 'Mend it and check again' })).toBeNull();
});

it('says when a check did not meet what is played', async () => {
  app.home = home({ practice: practice({ scenario: 'throttled' }) });
  app.journey = journey({ practice: true });
  render(Revalidate);
  expect(screen.getByText(/This check did not meet it/)).toBeVisible();
  app.home = home({ practice: practice() });
  await vi.waitFor(() => expect(screen.queryByText(/This check did not meet it/)).toBeNull());
});

it('counts findings in words', () => {
  expect(counted([])).toBe('');
  expect(counted([finding({ severity: 'attention' }), finding({ severity: 'attention' })])).toBe('2 work but need attention');
});
