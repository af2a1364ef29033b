import type { ClaimState, PermissionState, StepState, SyncPhase } from '../lib/bindings';
import type { IconName } from '../lib/icon/icons';

/** Colour of a word beside an icon. */
export type Tone = 'proven' | 'warn' | 'broken' | 'checking' | 'idle';
/** An icon, a word and a colour: how a state is shown in text. */
export interface Shown {
  tone: Tone;
  icon: IconName;
  word: string;
}

export const STEP_STATES: Record<StepState, string> = {
  'not-started': 'not started',
  'in-progress': 'in progress',
  done: 'done',
  attention: 'works, but needs attention',
  broken: 'broken',
};

export const PERMISSION_STATES: Record<PermissionState, Shown> = {
  unknown: { tone: 'idle', icon: 'circle-dashed', word: 'Not known yet' },
  'in-token': { tone: 'proven', icon: 'check', word: 'In token' },
  requested: { tone: 'warn', icon: 'triangle-alert', word: 'Requested, not in token' },
  'delegated-only': { tone: 'warn', icon: 'triangle-alert', word: 'Delegated only' },
  missing: { tone: 'broken', icon: 'circle-x', word: 'Missing' },
  'not-needed': { tone: 'warn', icon: 'triangle-alert', word: 'More than needed' },
};

export const CLAIM_STATES: Record<ClaimState, { tone: Tone; icon: IconName }> = {
  right: { tone: 'proven', icon: 'check' },
  attention: { tone: 'warn', icon: 'triangle-alert' },
  wrong: { tone: 'broken', icon: 'circle-x' },
  information: { tone: 'idle', icon: 'info' },
};

export const SYNC_PHASES: Record<SyncPhase, string> = {
  counting: 'Counting',
  users: 'Reading users',
  groups: 'Reading groups',
  memberships: 'Reading memberships',
  changes: 'Reading what changed',
  storing: 'Keeping the result',
  paused: 'Paused',
  done: 'Read to the end',
};
