import type { LinkId, LinkState, Severity, SummaryState } from './wire';
import type { IconName } from './icon/icons';

/** The eight links in the order of the chain. */
export const LINKS: readonly LinkId[] = [
  'network',
  'tenant',
  'app',
  'credential',
  'token',
  'consent',
  'directory',
  'gateway',
];

export const LINK_NAMES: Readonly<Record<LinkId, string>> = {
  network: 'Network',
  tenant: 'Tenant',
  app: 'App',
  credential: 'Credential',
  token: 'Token',
  consent: 'Consent',
  directory: 'Directory',
  gateway: 'Gateway',
};

/** How a state looks, and the one word it has. */
export interface StateLook {
  word: string;
  /** The class on a link or a solo mark. */
  mark: string;
  glyph: IconName;
  /** The icon beside a word in running text. */
  icon: IconName;
  /** The class that colours the text. */
  text: string;
}

const IDLE: StateLook = {
  word: 'Not tried',
  mark: 'is-idle',
  glyph: 'state-idle',
  icon: 'circle-dashed',
  text: 'c-idle',
};
const PROVEN: StateLook = {
  word: 'Proven',
  mark: 'is-proven',
  glyph: 'state-proven',
  icon: 'check',
  text: 'c-proven',
};
const ATTENTION: StateLook = {
  word: 'Works, but…',
  mark: 'is-warn',
  glyph: 'state-attention',
  icon: 'triangle-alert',
  text: 'c-warn',
};
const BROKEN: StateLook = {
  word: 'Broken',
  mark: 'is-broken',
  glyph: 'state-broken',
  icon: 'circle-x',
  text: 'c-broken',
};
const UNKNOWN: StateLook = {
  word: 'Could not tell',
  mark: 'is-unknown',
  glyph: 'state-unknown',
  icon: 'circle-help',
  text: 'c-idle',
};
const CHECKING: StateLook = {
  word: 'Checking',
  mark: 'is-checking',
  glyph: 'state-checking',
  icon: 'state-checking',
  text: 'c-checking',
};

export const LINK_LOOKS: Readonly<Record<LinkState, StateLook>> = {
  'not-tried': IDLE,
  checking: CHECKING,
  proven: PROVEN,
  attention: ATTENTION,
  broken: BROKEN,
  skipped: IDLE,
  unknown: UNKNOWN,
};

export const SUMMARY_LOOKS: Readonly<Record<SummaryState, StateLook>> = {
  idle: IDLE,
  proven: PROVEN,
  attention: ATTENTION,
  broken: BROKEN,
  unknown: UNKNOWN,
};

export const SEVERITY_LOOKS: Readonly<Record<Severity, StateLook & { finding: string }>> = {
  broken: { ...BROKEN, finding: 'finding--broken' },
  attention: { ...ATTENTION, finding: 'finding--warn' },
  unknown: { ...UNKNOWN, finding: 'finding--unknown' },
};
