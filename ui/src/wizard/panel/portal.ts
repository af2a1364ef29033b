import type { Component } from 'svelte';
import type { JourneyView, PageLink, StepId } from '../../lib/bindings';
import ApiPermissions from './ApiPermissions.svelte';
import Authentication from './Authentication.svelte';
import Certificates from './Certificates.svelte';
import EnterprisePermissions from './EnterprisePermissions.svelte';
import GrantConsent from './GrantConsent.svelte';
import Overview from './Overview.svelte';
import Secrets from './Secrets.svelte';
import SignInLogs from './SignInLogs.svelte';

/** One page of Microsoft's portal: where it is, what it looks like, and what to do there. */
export interface PortalPage {
  link: PageLink;
  /** The path to it; `app` is the name of the registration. */
  crumbs: (app: string) => string[];
  drawing: Component;
  /** What each numbered place of the drawing is for; the drawing can be skipped. */
  pins: (journey: JourneyView) => string[];
  note?: { kind: 'plain' | 'warn'; text: string };
}

const inRegistration = (page: string) => (app: string) => ['Entra ID', 'App registrations', app, page];

const CERTIFICATES: PortalPage = {
  link: 'certificates-and-secrets',
  crumbs: inRegistration('Certificates & secrets'),
  drawing: Certificates,
  pins: () => [
    'Choose the tab **Certificates**.',
    '**Upload certificate**, take the .cer file that you saved, then **Add**.',
  ],
};

/** The portal page beside a step, if it has one; step 3 has one for each kind of credential. */
export function portalOf(step: StepId, credential: 'certificate' | 'secret'): PortalPage | undefined {
  return step === 'credential' && credential === 'certificate' ? CERTIFICATES : PORTAL[step];
}

/** The portal page beside each step that has one. */
const PORTAL: Partial<Record<StepId, PortalPage>> = {
  registration: {
    link: 'app-registrations',
    crumbs: () => ['Entra ID', 'App registrations', 'All applications', 'Overview'],
    drawing: Overview,
    pins: () => [
      'No registration yet? Choose **New registration**, name it, keep **this organizational directory only**, leave Redirect URI empty.',
      'Copy **Application (client) ID**.',
      'Copy **Directory (tenant) ID**. The **Object ID** looks the same but is not what we need.',
    ],
  },
  credential: {
    link: 'certificates-and-secrets',
    crumbs: inRegistration('Certificates & secrets'),
    drawing: Secrets,
    pins: () => [
      'Choose **New client secret**. Name it after the gateways. 180 days is a good length.',
      'Copy **Value** at once. After you leave the page it stays hidden for good.',
    ],
    note: { kind: 'warn', text: '**Secret ID** is only a label for the secret. It opens nothing.' },
  },
  permissions: {
    link: 'api-permissions',
    crumbs: inRegistration('API permissions'),
    drawing: ApiPermissions,
    pins: () => [
      '**Add a permission**, **Microsoft Graph**, then **Application permissions**. Not **Delegated permissions**.',
      'Check that **Type** says **Application** for every line.',
      'Remove what is not needed with **⋯**, **Remove permission**.',
    ],
  },
  consent: {
    link: 'api-permissions',
    crumbs: inRegistration('API permissions'),
    drawing: GrantConsent,
    pins: () => [
      'Press **Grant admin consent for …**, then **Yes**.',
      '**Status** turns to **Granted for …**. This says the registration is approved. We still look for the roles in a new token.',
    ],
    note: {
      kind: 'plain',
      text: 'Tokens live about an hour and keep the roles they were born with. That is why we ask for a new one.',
    },
  },
  'public-client': {
    link: 'authentication',
    crumbs: inRegistration('Authentication'),
    drawing: Authentication,
    pins: ({ publicClient }) => [
      'Open **Authentication**, go down to **Advanced settings**.',
      `Set **Allow public client flows** to **${publicClient.needed ? 'Yes' : 'No'}**, then **Save**.`,
    ],
  },
  token: {
    link: 'enterprise-permissions',
    crumbs: (app) => ['Entra ID', 'Enterprise applications', app, 'Permissions'],
    drawing: EnterprisePermissions,
    pins: () => [
      'What the service principal really holds is on this page, not on the registration.',
      'Each line the gateway needs says **Application**. It then appears in `roles`.',
    ],
    note: { kind: 'plain', text: 'The token never leaves this computer. It is not written to the log or to reports.' },
  },
  sync: {
    link: 'sign-in-logs',
    crumbs: () => ['Entra ID', 'Monitoring & health', 'Sign-in logs'],
    drawing: SignInLogs,
    pins: () => [
      'Open **Sign-in logs**, **Service principal sign-ins**.',
      'Look for the name of your registration. Entries appear after a few minutes.',
    ],
  },
};
