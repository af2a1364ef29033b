import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { faults } from '../../test/axe';
import { card, home, journey, ok, practice } from '../../test/wire';
import { app } from '../lib/app.svelte';
import Practice from './Practice.svelte';
import { rehearsals } from './rehearsals.svelte';
import { behind, grouped, matching } from './scenarios';

const commands = vi.hoisted(() => ({
  home: vi.fn(),
  startPractice: vi.fn(),
  setPracticeScenario: vi.fn(),
  rehearse: vi.fn(),
  check: vi.fn(),
  testSync: vi.fn(),
  createConnection: vi.fn(),
}));
vi.mock('../lib/bindings', () => ({ commands, events: {} }));

const playing = (scenario: string) => home({ practice: practice({ scenario }) });

beforeEach(() => {
  vi.resetAllMocks();
  app.screen = { name: 'practice' };
  app.home = home({ practice: practice() });
  app.journey = null;
  app.problem = null;
  rehearsals.done = [];
  rehearsals.tell();
  commands.home.mockImplementation(() => ok(app.home));
  commands.setPracticeScenario.mockImplementation((scenario: string) => ok(playing(scenario)));
});

it('starts the practice tenant, and tells its size', async () => {
  app.home = home();
  commands.startPractice.mockImplementation(() => ok(home({ practice: practice() })));
  render(Practice);
  await userEvent.click(screen.getByRole('button', { name: 'Start the practice tenant' }));
  expect(await screen.findByText(/240 users, 31 groups/)).toBeVisible();
  expect(screen.getByText('admin@contoso.example')).toBeVisible();
});

it('looks at a state without playing it, then plays it, and mends everything', async () => {
  const { container } = render(Practice);
  expect(screen.getByRole('button', { name: 'Start the ten steps' })).toBeVisible();
  await userEvent.click(screen.getByRole('radio', { name: 'The secret has ended' }));
  expect(screen.getByRole('heading', { name: 'The secret has ended' })).toBeVisible();
  expect(commands.setPracticeScenario).not.toHaveBeenCalled();
  expect(screen.queryByText('Fault active')).toBeNull();
  expect(container.querySelectorAll('.btn--primary')).toHaveLength(1);
  await userEvent.click(screen.getByRole('button', { name: 'Only play it' }));
  expect(commands.setPracticeScenario).toHaveBeenLastCalledWith('secret-expired');
  expect(await screen.findByText('Fault active')).toBeVisible();
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Mend everything' }));
  expect(commands.setPracticeScenario).toHaveBeenLastCalledWith('healthy');
  expect(await screen.findByRole('heading', { name: 'Everything works' })).toBeVisible();
});

it('the healthy state is played again before anything starts with it', async () => {
  app.home = playing('secret-expired');
  render(Practice);
  await userEvent.click(screen.getByRole('radio', { name: 'Everything works' }));
  expect(screen.queryByRole('button', { name: 'Start the ten steps' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Play it' }));
  expect(commands.setPracticeScenario).toHaveBeenCalledWith('healthy');
  expect(await screen.findByRole('button', { name: 'Start the ten steps' })).toBeVisible();
});

it('a rehearsal that the check does not meet reads the directory too', async () => {
  const plain = journey({ id: 'r', practice: true });
  commands.rehearse.mockImplementation(() => ok(plain));
  commands.check.mockImplementation(() => ok(plain));
  commands.testSync.mockImplementation(() => ok(plain));
  render(Practice);
  await userEvent.click(screen.getByRole('radio', { name: '429, again and again' }));
  await userEvent.click(screen.getByRole('button', { name: 'Rehearse it' }));
  await vi.waitFor(() => expect(commands.testSync).toHaveBeenCalledWith('r', expect.anything()));
});

it('the connection for rehearsals is not the one to go on with', () => {
  const connections = [card({ id: 'r', name: 'Rehearsal', practice: true })];
  app.home = home({ practice: practice({ rehearsal: 'r' }), connections });
  render(Practice);
  expect(screen.getByRole('button', { name: 'Start the ten steps' })).toBeVisible();
  expect(screen.getByRole('heading', { name: 'Rehearsal' })).toBeVisible();
});

it('says so when a state could not be set, and shows what is really played', async () => {
  commands.setPracticeScenario.mockResolvedValue({
    status: 'error',
    error: { code: 'practice-stopped', field: null, what: 'The practice tenant has stopped.', fix: 'Start it again.' },
  });
  render(Practice);
  await userEvent.click(screen.getByRole('radio', { name: 'The secret has ended' }));
  await userEvent.click(screen.getByRole('button', { name: 'Only play it' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('The practice tenant has stopped.');
  expect(screen.queryByText('Fault active')).toBeNull();
});

it('rehearses: plays the state, opens Re-validate and checks', async () => {
  commands.rehearse.mockImplementation(() => ok(journey({ id: 'r', practice: true })));
  commands.check.mockImplementation(() => ok(journey({ id: 'r', practice: true })));
  render(Practice);
  await userEvent.click(screen.getByRole('radio', { name: 'The secret has ended' }));
  await userEvent.click(screen.getByRole('button', { name: 'Rehearse it' }));
  expect(commands.rehearse).toHaveBeenCalledWith('secret-expired');
  await vi.waitFor(() => expect(commands.check).toHaveBeenCalledWith('r', 'gateway'));
  expect(app.screen).toEqual({ name: 'revalidate', connection: 'r' });
  await vi.waitFor(() => expect(rehearsals.done).toEqual(['secret-expired']));
});

it('says what a rehearsal brings, and why there is none of some states', async () => {
  const story = 'Sign-ins were revoked.';
  const scenarios = [
    ...practice().scenarios,
    { id: 'certificate-expired', title: 'Certificate', story, rehearsable: true, remark: 'It signs in with a **certificate**.', link: 'credential' as const },
    { id: 'session-revoked', title: 'Revoked', story, rehearsable: false, remark: 'A check keeps no sign-in.', link: 'credential' as const },
  ];
  app.home = home({ practice: practice({ scenarios }) });
  const { container } = render(Practice);
  await userEvent.click(screen.getByRole('radio', { name: 'Certificate' }));
  expect(screen.getByText('certificate', { selector: 'b, strong' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Rehearse it' })).toBeVisible();
  await userEvent.click(screen.getByRole('radio', { name: 'Revoked' }));
  expect(screen.getByText('A check keeps no sign-in.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Rehearse it' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Only play it' })).toBeVisible();
  expect(await faults(container)).toEqual([]);
});

it('a surprise is never one that cannot be rehearsed', async () => {
  const scenarios = practice().scenarios.map((each) => ({ ...each, rehearsable: each.id !== 'secret-expired' }));
  for (const chance of [0, 0.5, 0.99]) {
    await rehearsals.surprise(scenarios, chance);
    expect(commands.setPracticeScenario).toHaveBeenLastCalledWith('throttled');
    app.home = home({ practice: practice() });
  }
});

it('counts what was rehearsed', () => {
  rehearsals.done = ['secret-expired'];
  render(Practice);
  expect(screen.getByText('1 of 2 rehearsed')).toBeVisible();
  expect(screen.getByRole('img', { name: 'rehearsed' })).toBeVisible();
});

it('starts the ten steps with a state only once it is played', async () => {
  commands.createConnection.mockImplementation(() => ok(journey({ id: 'new' })));
  render(Practice);
  await userEvent.click(screen.getByRole('radio', { name: '429, again and again' }));
  await userEvent.click(screen.getByRole('button', { name: 'Start the ten steps with it' }));
  expect(commands.setPracticeScenario).toHaveBeenCalledWith('throttled');
  await vi.waitFor(() => expect(app.screen).toEqual({ name: 'wizard', connection: 'new' }));
});

it('a surprise is played and not told, until it is asked for', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.99);
  const { container } = render(Practice);
  await userEvent.click(screen.getByRole('button', { name: 'Surprise me' }));
  expect(commands.setPracticeScenario).toHaveBeenCalledWith('throttled');
  expect(await screen.findByRole('heading', { name: 'A surprise' })).toBeVisible();
  expect(screen.queryByRole('radio', { checked: true })).toBeNull();
  expect(screen.queryByRole('img', { name: 'being played' })).toBeNull();
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Show what it is' }));
  expect(screen.getByRole('heading', { name: '429, again and again' })).toBeVisible();
  expect(screen.getByRole('radio', { name: /429/ })).toBeChecked();
});

it('a search narrows the list, and says when nothing fits', async () => {
  render(Practice);
  const search = screen.getByRole('searchbox', { name: 'Search the states' });
  await userEvent.type(search, 'directory 429');
  expect(screen.getAllByRole('radio')).toHaveLength(1);
  expect(screen.getByText('1 state')).toBeVisible();
  await userEvent.type(search, ' nowhere');
  expect(screen.queryByRole('radio')).toBeNull();
  expect(screen.getByText('No state has these words.')).toBeVisible();
});

it('a practice connection shows its chain, and goes on where it was', () => {
  app.home = home({ practice: practice(), connections: [card({ practice: true, setUp: true })] });
  render(Practice);
  expect(screen.getByRole('button', { name: 'Re-validate with it' })).toBeVisible();
  expect(within(screen.getByRole('list', { name: /practice tenant/ })).getAllByRole('listitem')).toHaveLength(8);
});

it('groups states along the chain, and finds them by all words', () => {
  const { scenarios } = practice();
  expect(grouped(scenarios).map((group) => group.link)).toEqual([null, 'credential', 'directory']);
  expect(grouped([...scenarios].reverse()).map((group) => group.link)).toEqual([null, 'credential', 'directory']);
  expect(matching(scenarios, ' SECRET ended ').map((each) => each.id)).toEqual(['secret-expired']);
  expect(matching(scenarios, '')).toHaveLength(scenarios.length);
  expect(behind('token')).toEqual(['consent', 'directory', 'gateway']);
  expect(behind('gateway')).toEqual([]);
});
