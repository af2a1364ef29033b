import { LINKS } from '../src/lib/links';
import type {
  ConnectionCard,
  ExplanationView,
  FindingView,
  HomeView,
  JourneyView,
  LinkId,
  LinkState,
  LinkView,
  PracticeView,
  RunView,
} from '../src/lib/wire';

/** A chain in which every link is as told; the others are not tried. */
export function chain(states: Partial<Record<LinkId, LinkState>> = {}): LinkView[] {
  return LINKS.map((link) => {
    const state = states[link] ?? 'not-tried';
    const word = { proven: 'Proven', broken: 'Broken', attention: 'Works, but…' }[state as string] ?? 'Not tried';
    const at = state === 'proven' || state === 'broken' ? '2026-11-20T13:58:05Z' : null;
    return { link, state, word, evidence: [], details: [], because: null, at, source: null };
  });
}

export function card(changes: Partial<ConnectionCard> = {}): ConnectionCard {
  return {
    id: 'c1',
    name: 'Woodgrove – Branch VPN',
    tenant: 'woodgrovebank.com',
    cloud: 'Global',
    practice: false,
    links: chain(),
    summary: 'Proven',
    summaryState: 'proven',
    checkedAt: '2026-11-20T13:58:05Z',
    savedAt: '2026-11-20T13:58:05Z',
    setUp: true,
    currentStep: 'write',
    credential: { noun: 'Secret', endsOn: '2027-05-19', daysLeft: 180, ending: false },
    finding: null,
    writtenTo: null,
    gateways: null,
    rotating: false,
    ...changes,
  };
}

export function home(changes: Partial<HomeView> = {}): HomeView {
  return {
    connections: [],
    keychain: { available: true, name: 'Secret Service', because: null },
    practice: null,
    notices: [],
    version: '0.1.0',
    dailyCheck: 'not-set-up',
    ...changes,
  };
}

export function practice(changes: Partial<PracticeView> = {}): PracticeView {
  return {
    scenario: 'healthy',
    rehearsal: null,
    scenarios: [
      { id: 'healthy', title: 'Everything works', story: 'Consent is given.', rehearsable: true, remark: null, link: null },
      {
        id: 'secret-expired',
        title: 'The secret has ended',
        story: 'Yesterday its **client secret** ended.',
        rehearsable: true,
        remark: null,
        link: 'credential',
      },
      { id: 'throttled', title: '429, again and again', story: 'Too many requests.', rehearsable: true, remark: null, link: 'directory' },
    ],
    tenantId: '11111111-2222-4333-8444-555555555555',
    domain: 'contoso.example',
    clientId: '22222222-2222-4333-8444-555555555555',
    appObjectId: '33333333-2222-4333-8444-555555555555',
    appName: 'Contoso gateways',
    clientSecret: 'practice-value',
    secretId: '44444444-2222-4333-8444-555555555555',
    users: 240,
    groups: 31,
    memberships: 1204,
    admin: 'admin@contoso.example',
    account: 'gateway@contoso.example',
    accountPassword: 'practice-password',
    ...changes,
  };
}

export function finding(changes: Partial<FindingView> = {}): FindingView {
  return {
    id: 'consent-missing',
    link: 'consent',
    severity: 'broken',
    title: 'The token carries no role',
    saw: [{ source: 'Token', text: '`roles` is absent' }],
    meaning: 'Graph refuses every read.',
    fix: ['Open **Enterprise applications**.', 'Press **Grant admin consent**.'],
    who: 'Privileged Role Administrator',
    page: 'enterprise-permissions',
    script: 'az ad app permission admin-consent --id 22222222-2222-4222-8222-222222222222',
    handOff: { subject: 'Please mend it', body: 'The token carries no role.' },
    details: 'consent-missing 2026-11-20T13:58:07Z',
    ...changes,
  };
}

export function journey(changes: Partial<JourneyView> = {}): JourneyView {
  return {
    id: 'c1',
    name: 'Woodgrove – Branch VPN',
    cloud: 'global',
    cloudName: 'Global cloud',
    practice: false,
    summary: 'Proven',
    summaryState: 'proven',
    currentStep: 'prepare',
    steps: [],
    links: chain(),
    findings: [],
    checkedAt: '2026-11-20T13:58:05Z',
    savedAt: '2026-11-20T13:58:05Z',
    prepare: { clouds: [], profiles: [], unusableProfiles: [], profile: 'least-privilege', hosts: [], clock: null },
    registration: {
      tenant: 'woodgrovebank.com',
      clientId: '',
      name: 'Woodgrove – Branch VPN',
      tenantId: null,
      tenantSays: null,
      appSays: null,
    },
    credential: {
      noun: null,
      kept: 'nowhere',
      enteredAt: null,
      endsOn: '2027-05-19',
      daysLeft: 180,
      certificate: null,
      keychain: { available: true, name: 'Secret Service', because: null },
    },
    permissions: { rows: [], choices: [], source: null, excess: null },
    consent: { link: null, roles: [], handOff: null, grantedAt: null },
    publicClient: { needed: false, why: '', on: null, says: null, source: null },
    token: null,
    syncStart: { canResume: false, canDelta: false, failures: 0, failingSince: null, quarantine: null },
    sync: null,
    access: { roles: [], rules: [], totals: null, groupsKnown: 0, warning: null },
    write: { suggestedFolder: '', facts: [], preview: null, written: null, gateways: null },
    ...changes,
  };
}

export function run(changes: Partial<RunView> = {}): RunView {
  return {
    id: '1',
    at: '2026-11-20T13:58:05Z',
    tookMs: 900,
    verdict: 'proven',
    states: LINKS.map(() => 'proven'),
    says: 'Proven',
    findings: [],
    ...changes,
  };
}

export function explanation(changes: Partial<ExplanationView> = {}): ExplanationView {
  return {
    readAs: 'a log or an exception',
    advice: {
      id: 'secret-wrong',
      link: 'credential',
      code: 'AADSTS7000215',
      likeliest: false,
      title: 'Entra refuses the client secret',
      saw: [
        { source: 'What you pasted', text: '`AADSTS7000215` is in it.' },
        { source: 'What you pasted', text: '`invalid_client` is in it.' },
        { source: 'Trace ID', text: '`0f2d1c3a-9f0e-4f1c-9d77-7a9d4b1e3a00`' },
      ],
      meaning: 'The gateway cannot sign in.',
      fix: ['Enter the **Value** of a new secret.'],
      who: 'Application Administrator',
      page: 'certificates-and-secrets',
      place: 'App registrations › your app › Certificates & secrets',
      address: 'https://entra.microsoft.com/',
      details: 'secret-wrong',
    },
    others: [],
    shown: 'AADSTS7000215 client_secret=[taken out]',
    shortened: null,
    hint: null,
    ...changes,
  };
}

/** What a command answers when it works. */
export function ok<T>(data: T): Promise<{ status: 'ok'; data: T }> {
  return Promise.resolve({ status: 'ok', data });
}
