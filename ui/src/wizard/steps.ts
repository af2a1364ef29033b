import type { FindingView, StepId } from '../lib/bindings';

/** The steps in their order; Ctrl+1 … Ctrl+0 count along it. */
export const STEP_ORDER: readonly StepId[] = [
  'prepare',
  'registration',
  'credential',
  'permissions',
  'consent',
  'public-client',
  'token',
  'sync',
  'access',
  'write',
];

/** The rail's headings and the steps below each. */
export const STEP_GROUPS: readonly { title: string; steps: readonly StepId[] }[] = [
  { title: 'Set up', steps: STEP_ORDER.slice(0, 6) },
  { title: 'Prove', steps: STEP_ORDER.slice(6, 8) },
  { title: 'Hand over', steps: STEP_ORDER.slice(8) },
];

/** The step before or after one, or null at the ends. */
export function neighbour(step: StepId, by: 1 | -1): StepId | null {
  return STEP_ORDER[STEP_ORDER.indexOf(step) + by] ?? null;
}

/** The step on whose screen a finding is shown. */
export function stepOf(finding: Pick<FindingView, 'id' | 'link'>): StepId {
  if (finding.id.startsWith('public-client-')) return 'public-client';
  if (finding.id.startsWith('permission-')) return 'permissions';
  switch (finding.link) {
    case 'network':
      return 'prepare';
    case 'tenant':
    case 'app':
      return 'registration';
    case 'directory':
      return 'sync';
    case 'gateway':
      return 'write';
    default:
      return finding.link;
  }
}

/** The findings that belong to a step, in chain order. */
export function findingsOf(findings: FindingView[], step: StepId): FindingView[] {
  return findings.filter((finding) => stepOf(finding) === step);
}
