import type { IconName } from '../lib/icon/icons';
import type { ListId, ListRow } from '../lib/wire';
import type { Tone } from '../wizard/words';

type Kind = ListRow['kind'];
type ChangeWord = Extract<ListRow, { kind: 'change' }>['word'];

/** What the lines of each list are. */
export const KINDS: Record<ListId, Kind> = {
  changes: 'change',
  people: 'person',
  'without-mail': 'person',
  guests: 'person',
  disabled: 'person',
  'people-sharing-a-name': 'person',
  groups: 'group',
  'groups-sharing-a-name': 'group',
  'hidden-groups': 'group',
  'unknown-members': 'unknown',
};

/** Heads of the columns of each kind of line. */
export const COLUMNS: Record<Kind, string[]> = {
  person: ['Name', 'Sign-in name', 'Mail', 'Account'],
  group: ['Group', 'Mail', 'Direct members'],
  change: ['Change', 'Who or what', 'In group'],
  unknown: ['Object ID', 'Member of', 'Groups'],
};

/** Lists that open from a warning, as the title of their tab. */
export const TITLES: Partial<Record<ListId, string>> = {
  'without-mail': 'No mail address',
  guests: 'Guests',
  disabled: 'Disabled',
  'people-sharing-a-name': 'Users of one name',
  'groups-sharing-a-name': 'Groups of one name',
  'hidden-groups': 'Hidden membership',
  'unknown-members': 'ID alone',
};

/** How a change is shown. */
export const CHANGES: Record<ChangeWord, { word: string; icon: IconName; tone: Tone }> = {
  added: { word: 'Added', icon: 'plus', tone: 'proven' },
  updated: { word: 'Changed', icon: 'rotate-cw', tone: 'idle' },
  disabled: { word: 'Disabled', icon: 'circle-dashed', tone: 'idle' },
  enabled: { word: 'Enabled', icon: 'circle-check', tone: 'idle' },
  removed: { word: 'Removed', icon: 'state-idle', tone: 'broken' },
};

/** `User`, `Group`, `Membership`. */
export const OF = { user: 'User', group: 'Group', membership: 'Membership' } as const;
