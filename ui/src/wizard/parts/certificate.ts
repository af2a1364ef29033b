import type { Snippet } from 'svelte';
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
