import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { chain } from '../../../test/wire';
import type { LinkView } from '../wire';
import Chain from './Chain.svelte';
import { barAfter, breakable, Motion, said } from './chain.svelte';

const broken = chain({ network: 'proven', tenant: 'attention', app: 'broken' });

it('joins what works, cuts after what is broken, and leaves the rest stone', () => {
  const bars = broken.map((view, at) => barAfter(view, broken[at + 1]));
  expect(bars).toEqual(['joined', 'joined', 'cut', false, false, false, false, false]);
  const checking = chain({ network: 'proven', tenant: 'checking' });
  expect(barAfter(checking[0] as LinkView, checking[1])).toBe('live');
  const skipped = chain({ network: 'proven', tenant: 'skipped', app: 'unknown' });
  expect(skipped.map((view, at) => barAfter(view, skipped[at + 1]))[0]).toBe(false);
});

it('reads a link with its state, its word and its evidence', () => {
  const view: LinkView = { ...(broken[2] as LinkView), word: '0 of 2 roles', evidence: ['none assigned'] };
  expect(said(view)).toBe('App: Broken, 0 of 2 roles, none assigned');
  expect(said(broken[0] as LinkView)).toBe('Network: Proven');
});

it('lets a domain break before its dots, and leaves numbers whole', () => {
  expect(breakable('woodgrovebank.com')).toBe('woodgrovebank\u200b.com');
  expect(breakable('Resolved in 0.2 s')).toBe('Resolved in 0.2 s');
});

it('shows no green for what could not be told', () => {
  const { container } = render(Chain, { links: chain({ network: 'unknown', tenant: 'skipped' }), size: 'big' });
  expect(container.querySelector('.is-proven, .joined')).toBeNull();
});

it('lets a live state win over the stored one', () => {
  const { container } = render(Chain, {
    links: broken,
    size: 'mini',
    live: { app: { state: 'checking', word: 'Checking' } },
  });
  expect(container.querySelectorAll('.is-checking')).toHaveLength(1);
  expect(container.querySelector('.is-broken')).toBeNull();
});

it('is one tab stop that arrows walk along', async () => {
  const onpick = vi.fn();
  render(Chain, { links: broken, size: 'big', onpick, picked: 'app' });
  const user = userEvent.setup();
  await user.tab();
  expect(screen.getByRole('button', { name: /^Network: Proven/ })).toHaveFocus();
  await user.keyboard('{ArrowRight}{ArrowRight}{Enter}');
  expect(onpick).toHaveBeenCalledExactlyOnceWith('app');
  expect(screen.getByRole('button', { name: /^App: Broken/ })).toHaveAttribute('aria-expanded', 'true');
  await user.keyboard('{End}{ArrowRight}');
  expect(screen.getByRole('button', { name: /^Gateway/ })).toHaveFocus();
});

it('moves only what has changed, in the order of the chain', () => {
  const motion = new Motion();
  motion.follow(chain({ network: 'proven' }));
  expect(motion.fresh).toEqual({});
  motion.follow(chain({ network: 'proven', tenant: 'proven', app: 'broken' }));
  expect(motion.fresh).toEqual({ tenant: 0, app: 1 });
});
