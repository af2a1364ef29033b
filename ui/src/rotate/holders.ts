import type { IconName } from '../lib/icon/icons';
import type { HolderView } from '../lib/wire';

const ORDER: Readonly<Record<HolderView['holds'], number>> = {
  'new-failed': 0,
  'held-back': 0,
  old: 1,
  unknown: 2,
  'new-untested': 3,
  new: 4,
};

/** Those that somebody has to do something about come first; otherwise as in the list. */
export function inOrder(holders: readonly HolderView[]): HolderView[] {
  return [...holders].sort((one, other) => ORDER[one.holds] - ORDER[other.holds]);
}

/** What the two credentials of a rotation are, in small letters: `secret`, `certificate`. */
export interface Nouns {
  old: string;
  new: string;
}

/** What a gateway holds, in a word with its icon and colour, and what stands behind it. */
export function looks(holder: HolderView, nouns: Nouns): { word: string; icon: IconName; text: string; more: string } {
  const more = [
    !['new', 'new-untested'].includes(holder.holds) && holder.sealed && 'a bundle with the new one is sealed',
    holder.holds !== 'new' && holder.cannotAnswer && 'its age key cannot sign a receipt',
    holder.holds !== 'new' && holder.excepted && 'not waited for',
  ].filter(Boolean);
  const says = more.join(', ');
  switch (holder.holds) {
    case 'new':
      return { word: `New ${nouns.new}`, icon: 'check', text: 'c-proven', more: '' };
    case 'new-untested':
      return { word: `New ${nouns.new}, not tried`, icon: 'triangle-alert', text: 'c-warn', more: says };
    case 'new-failed':
      return { word: `New ${nouns.new}, test failed`, icon: 'circle-x', text: 'c-broken', more: [holder.code, says].filter(Boolean).join(', ') };
    case 'held-back':
      return { word: 'Not installed, test failed', icon: 'circle-x', text: 'c-broken', more: [holder.code, 'works on with what it had', says].filter(Boolean).join(', ') };
    case 'old':
      return { word: `Old ${nouns.old}`, icon: 'triangle-alert', text: 'c-warn', more: says };
    case 'unknown':
      return { word: 'Not known', icon: 'circle-help', text: 'c-idle', more: says || 'it never answered' };
  }
}
