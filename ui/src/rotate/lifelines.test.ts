import { expect, it } from 'vitest';
import type { HolderView, LifelineView } from '../lib/wire';
import { inOrder, looks } from './holders';
import { axis } from './lifelines';

const NOW = '2026-11-20T10:00:00Z';
const life = (startsOn: string, endsOn: string | null): LifelineView => ({ noun: 'Secret', hint: 'wX~', startsOn, endsOn, daysLeft: null });

it('lays both lives on one axis, with today between them', () => {
  const drawn = axis(life('2026-06-01', '2026-12-01'), life('2026-11-20', '2027-05-19'), NOW);
  expect([drawn.start, drawn.end, drawn.overlap]).toEqual(['2026-06-01', '2027-05-19', 11]);
  expect(drawn.old.from).toBe(0);
  expect(drawn.fresh?.from).toBeCloseTo(drawn.today);
  expect(drawn.old.width).toBeGreaterThan(drawn.today);
  expect(drawn.fresh && drawn.fresh.from + drawn.fresh.width).toBeCloseTo(100);
  expect(drawn.oldEnd, 'too near to Today for a label of its own').toBeNull();
});

it('labels the old end where there is room', () => {
  const drawn = axis(life('2026-11-01', '2027-03-01'), life('2026-11-20', '2027-11-19'), NOW);
  expect(drawn.oldEnd).toBeGreaterThan(20);
});

it('leaves a bar open whose end nobody knows, and tells no overlap it cannot know', () => {
  const drawn = axis(life('2026-11-01', null), life('2026-11-20', null), NOW);
  expect([drawn.old.open, drawn.fresh?.open, drawn.overlap]).toEqual([true, true, null]);
  expect(drawn.old.from + drawn.old.width).toBeCloseTo(100);
  expect(axis(life('2026-11-01', '2026-11-10'), life('2026-11-20', null), NOW).overlap).toBe(0);
  expect(axis(life('2026-11-01', null), life('2026-11-20', '2027-05-19'), NOW).overlap).toBeNull();
  expect(axis(life('2026-11-01', null), null, NOW).fresh).toBeNull();
});

const BOTH = { old: 'secret', new: 'secret' };
const holder = (gateway: string, holds: HolderView['holds'], changes: Partial<HolderView> = {}): HolderView => ({
  gateway,
  address: null,
  holds,
  code: null,
  receiptAt: null,
  sealed: false,
  excepted: false,
  cannotAnswer: false,
  ...changes,
});

it('puts first who needs somebody, and says what stands behind a word', () => {
  const all = [holder('a', 'new'), holder('b', 'unknown'), holder('c', 'old'), holder('d', 'new-failed', { code: 'AADSTS7000222' }), holder('e', 'new-untested')];
  expect(inOrder(all).map((one) => one.gateway)).toEqual(['d', 'c', 'b', 'e', 'a']);
  expect(looks(holder('e', 'new-untested', { sealed: true }), BOTH)).toMatchObject({ word: 'New secret, not tried', more: '' });
  expect(looks(holder('d', 'new-failed', { code: 'AADSTS7000222' }), BOTH).more).toBe('AADSTS7000222');
  expect(looks(holder('c', 'old', { sealed: true, excepted: true }), BOTH).more).toBe('a bundle with the new one is sealed, not waited for');
  const mixed = { old: 'secret', new: 'certificate' };
  expect([looks(holder('c', 'old'), mixed).word, looks(holder('a', 'new'), mixed).word]).toEqual(['Old secret', 'New certificate']);
  expect(looks(holder('b', 'unknown'), BOTH)).toMatchObject({ word: 'Not known', more: 'it never answered' });
});
