import type { Component } from 'svelte';
import type { StepId } from '../lib/bindings';
import type { StepProps } from './frame.svelte';
import Access from './steps/Access.svelte';
import Consent from './steps/Consent.svelte';
import Credential from './steps/Credential.svelte';
import Permissions from './steps/Permissions.svelte';
import Prepare from './steps/Prepare.svelte';
import PublicClient from './steps/PublicClient.svelte';
import Registration from './steps/Registration.svelte';
import Sync from './steps/Sync.svelte';
import Token from './steps/Token.svelte';
import Write from './steps/Write.svelte';

/** The screen of every step. */
export const STEP_COMPONENTS: Record<StepId, Component<StepProps>> = {
  prepare: Prepare,
  registration: Registration,
  credential: Credential,
  permissions: Permissions,
  consent: Consent,
  'public-client': PublicClient,
  token: Token,
  sync: Sync,
  access: Access,
  write: Write,
};
