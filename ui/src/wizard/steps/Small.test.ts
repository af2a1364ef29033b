import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { app } from '../../lib/app.svelte';
import { commands, type TokenView } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { journeyOf } from '../testing/journey';
import Permissions from './Permissions.svelte';
import Prepare from './Prepare.svelte';
import PublicClient from './PublicClient.svelte';
import Token from './Token.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
});

describe('Prepare', () => {
  it('checks the network on entering, and again when the cloud changes', async () => {
    render(Prepare, { journey: journeyOf(), frame: new Frame() });
    await waitFor(() => expect(commands.check).toHaveBeenCalledWith('c1', 'network'));
    await userEvent.click(screen.getByRole('radio', { name: /China/ }));
    expect(commands.savePrepare).toHaveBeenCalledWith('c1', { cloud: 'china', profile: 'least-privilege' });
    await waitFor(() => expect(commands.check).toHaveBeenCalledTimes(2));
    await userEvent.click(screen.getByRole('radio', { name: /Custom/ }));
    expect(commands.savePrepare).toHaveBeenLastCalledWith('c1', { cloud: 'global', profile: 'custom' });
    expect(commands.check).toHaveBeenCalledTimes(2);
  });

  it('has no cloud to choose in the practice tenant', () => {
    render(Prepare, { journey: journeyOf({ practice: true }), frame: new Frame() });
    expect(screen.queryByRole('radio', { name: /China/ })).toBeNull();
    expect(screen.getByText('This is the practice tenant.')).toBeVisible();
  });
});

describe('Permissions', () => {
  const permissions = {
    ...journeyOf().permissions,
    rows: [{ name: 'Group.Read.All', required: true, why: 'Groups', state: 'delegated-only' } as const],
    choices: [
      { name: 'User.Read.All', why: 'People', chosen: true },
      { name: 'Group.Read.All', why: 'Groups', chosen: false },
    ],
  };

  it('says what is known of each permission', () => {
    render(Permissions, { journey: journeyOf({ permissions }), frame: new Frame() });
    expect(screen.getByText('Delegated only')).toBeVisible();
    expect(screen.queryByRole('checkbox')).toBeNull();
  });

  it('lets the custom profile choose', async () => {
    const prepare = { ...journeyOf().prepare, profile: 'custom' };
    render(Permissions, { journey: journeyOf({ permissions, prepare }), frame: new Frame() });
    await userEvent.click(screen.getByRole('checkbox', { name: /Group.Read.All/ }));
    expect(commands.savePermissions).toHaveBeenCalledWith('c1', { permissions: ['User.Read.All', 'Group.Read.All'] });
  });
});

describe('Public client flows', () => {
  it.each([
    [null, false, 'Could not tell'],
    [false, false, 'Off, as it should be'],
    [true, false, 'On, and not needed'],
    [false, true, 'Off, but needed'],
  ])('with on = %s and needed = %s it says %s', (on, needed, says) => {
    const publicClient = { ...journeyOf().publicClient, on, needed };
    render(PublicClient, { journey: journeyOf({ publicClient }), frame: new Frame() });
    expect(screen.getByText(says)).toBeVisible();
  });
});

describe('Test token', () => {
  const token: TokenView = {
    fetchedAt: '2026-11-20T14:27:03Z',
    tookMs: 212,
    minutesLeft: 59,
    requestId: null,
    claims: [{ claim: 'aud', value: 'https://graph.microsoft.com', verdict: 'For Graph', state: 'right' }],
    raw: '{ "aud": "https://graph.microsoft.com" }',
  };

  it('asks for a new token', async () => {
    render(Token, { journey: journeyOf(), frame: new Frame() });
    await userEvent.click(screen.getByRole('button', { name: 'Get a token' }));
    expect(commands.check).toHaveBeenCalledWith('c1', 'consent');
  });

  it('shows the claims readable and raw', async () => {
    render(Token, { journey: journeyOf({ token }), frame: new Frame() });
    expect(screen.getByText('For Graph')).toBeVisible();
    await userEvent.click(screen.getByRole('tab', { name: 'Raw' }));
    expect(screen.getByRole('tabpanel')).toHaveTextContent('"aud": "https://graph.microsoft.com"');
  });
});
