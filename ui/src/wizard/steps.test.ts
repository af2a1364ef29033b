import { describe, expect, it } from 'vitest';
import { STEP_GROUPS, STEP_ORDER, neighbour, stepOf } from './steps';

describe("the wizard's steps", () => {
  it('has ten, each in exactly one group', () => {
    expect(STEP_ORDER).toHaveLength(10);
    expect(STEP_GROUPS.flatMap((group) => group.steps)).toEqual([...STEP_ORDER]);
  });

  it('knows its neighbours and its ends', () => {
    expect(neighbour('prepare', 1)).toBe('registration');
    expect(neighbour('prepare', -1)).toBeNull();
    expect(neighbour('write', 1)).toBeNull();
  });

  it('shows each finding on the step where it is mended', () => {
    expect(stepOf({ id: 'host-unresolved', link: 'network' })).toBe('prepare');
    expect(stepOf({ id: 'app-unknown', link: 'app' })).toBe('registration');
    expect(stepOf({ id: 'public-client-needless', link: 'app' })).toBe('public-client');
    expect(stepOf({ id: 'permission-delegated-type', link: 'consent' })).toBe('permissions');
    expect(stepOf({ id: 'consent-missing', link: 'consent' })).toBe('consent');
    expect(stepOf({ id: 'partial-read', link: 'directory' })).toBe('sync');
    expect(stepOf({ id: 'config-outdated', link: 'gateway' })).toBe('write');
  });
});
