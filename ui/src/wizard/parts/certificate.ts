import type { Snippet } from 'svelte';
import { app } from '../../lib/app.svelte';
import type { KeepKeyIn } from '../../lib/bindings';

/** What both ways to a certificate are given. */
export interface CertificateProps {
  connection: string;
  keep: KeepKeyIn;
  keyFile: string;
  onkept: () => void;
  /** Where the key is kept. */
  place: Snippet;
  /** The way back to the credential in use. */
  cancel: Snippet;
}

/** Whether it is said where the private key goes; if not, its field says so. */
export function keyHasPlace(keep: KeepKeyIn, keyFile: string): boolean {
  if (keep !== 'file' || keyFile.trim() !== '') return true;
  app.problem = {
    code: 'invalid-input',
    field: 'keyFile',
    what: 'No file is named for the private key.',
    fix: 'Name a new file with its whole path.',
  };
  return false;
}
