import type { Snippet } from 'svelte';
import { app } from '../../lib/app.svelte';
import type { CertificateForm, CertificateImportForm, KeepKeyIn } from '../../lib/bindings';

/** What both ways to a certificate are given. `Form` is what is sent; the answer is whether it was kept. */
export interface CertificateProps<Form> {
  keep: KeepKeyIn;
  keyFile: string;
  send: (form: Form) => Promise<boolean>;
  busy: boolean;
  /** Its button is the screen's primary one. */
  primary: boolean;
  /** Where the key is kept. */
  place: Snippet;
  /** The way back to the credential in use. */
  cancel: Snippet;
}

export type NewProps = CertificateProps<CertificateForm>;
export type ImportProps = CertificateProps<CertificateImportForm>;

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
