import type { JourneyView, LinkId, LinkView, StepId, StepView } from '../../lib/bindings';
import { LINKS } from '../../lib/links';
import { STEP_ORDER } from '../steps';

/** A journey of a connection on which nothing was tried yet, for the tests of the wizard. */
export function journeyOf(changes: Partial<JourneyView> = {}): JourneyView {
  return {
    id: 'c1',
    name: 'Contoso',
    cloud: 'global',
    cloudName: 'Global',
    practice: false,
    summary: 'Setup at step 1 of 10',
    summaryState: 'idle',
    currentStep: 'prepare',
    steps: STEP_ORDER.map((step) => stepOf(step)),
    links: LINKS.map((link) => linkOf(link)),
    findings: [],
    checkedAt: null,
    savedAt: '2026-11-20T14:00:00Z',
    prepare: {
      clouds: [
        { id: 'global', name: 'Global', graphHost: 'graph.microsoft.com' },
        { id: 'china', name: 'China, 21Vianet', graphHost: 'microsoftgraph.chinacloudapi.cn' },
      ],
      profiles: [
        { id: 'least-privilege', name: 'Least privilege', summary: 'Users and who is in which group.', permissions: 2 },
        { id: 'custom', name: 'Custom', summary: 'Choose each one in step 4.', permissions: 0 },
      ],
      unusableProfiles: [],
      profile: 'least-privilege',
      hosts: [],
      clock: null,
    },
    registration: { tenant: '', clientId: '', name: '', tenantId: null, tenantSays: null, appSays: null },
    credential: {
      noun: null,
      kept: 'nowhere',
      enteredAt: null,
      endsOn: null,
      daysLeft: null,
      certificate: null,
      keychain: { available: true, name: 'Secret Service', because: null },
    },
    permissions: { rows: [], choices: [], source: null, excess: null },
    consent: { link: null, roles: [], handOff: null, grantedAt: null },
    publicClient: {
      needed: false,
      why: 'The gateway signs in with its own secret.',
      on: null,
      says: null,
      source: null,
    },
    token: null,
    syncStart: { canResume: false, canDelta: false, failures: 0, failingSince: null, quarantine: null },
    sync: null,
    access: { roles: [], rules: [], totals: null, groupsKnown: 0, warning: null },
    write: { suggestedFolder: '/home/priya/gatehouse', facts: [], preview: null, written: null, gateways: null },
    ...changes,
  };
}

/** Step 3 with a certificate that was made a while ago. */
export function certificateOf(): JourneyView['credential'] {
  return {
    noun: 'Certificate',
    kept: 'keychain',
    enteredAt: '2026-11-20T14:12:00Z',
    endsOn: '2027-11-20',
    daysLeft: 364,
    certificate: {
      name: 'gatehouse-contoso-print',
      thumbprint: '6A0B7C7D0E1F2A3B4C5D6E7F8091A2B3C4D5E6F7',
      starts: '2026-11-20T14:07:00Z',
      ends: '2027-11-20T14:07:00Z',
      days: 365,
      keyBits: 3072,
      keyFile: null,
      registered: null,
      hasPublicPart: true,
    },
    keychain: { available: true, name: 'Secret Service', because: null },
  };
}

/** One step of the rail. */
export function stepOf(step: StepId, changes: Partial<StepView> = {}): StepView {
  return {
    step,
    number: STEP_ORDER.indexOf(step) + 1,
    title: step.charAt(0).toUpperCase() + step.slice(1),
    state: 'not-started',
    note: null,
    blocked: null,
    ready: null,
    ...changes,
  };
}

/** One link of the chain. */
export function linkOf(link: LinkId, changes: Partial<LinkView> = {}): LinkView {
  return {
    link,
    state: 'not-tried',
    word: 'Not tried',
    evidence: [],
    details: [],
    because: null,
    at: null,
    source: null,
    ...changes,
  };
}
