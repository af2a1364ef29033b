import type { PageLink } from './wire';

/** What the button says that opens a page of Microsoft's portal. */
export const PAGE_LABELS: Readonly<Record<PageLink, string>> = {
  'app-registrations': 'Open App registrations',
  'new-registration': 'Open Register an application',
  overview: 'Open the app’s Overview',
  'certificates-and-secrets': 'Open Certificates & secrets',
  'api-permissions': 'Open API permissions',
  authentication: 'Open Authentication',
  manifest: 'Open Manifest',
  'enterprise-application': 'Open the enterprise application',
  'enterprise-permissions': 'Open Permissions in the portal',
  users: 'Open Users',
  'sign-in-logs': 'Open Sign-in logs',
  'admin-consent': 'Open the admin consent page',
  'practice-portal': 'Open the practice portal',
};
