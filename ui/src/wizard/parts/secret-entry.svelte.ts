import { app } from '../../lib/app.svelte';
import { commands, type KeepSecret } from '../../lib/bindings';
import { FieldJudge } from '../../lib/form/judge.svelte';
import type { FieldFinding, KeychainView } from '../../lib/wire';

/** A client secret as it is entered. It leaves the page with the form, and the field is emptied. */
export class SecretEntry {
  secret = $state('');
  endsOn = $state('');
  endsUnknown = $state(false);
  keep = $state<KeepSecret>('session');
  /** It came from the clipboard, which is cleared. */
  pasted = $state(false);
  readonly judges: { secret: FieldJudge; endsOn: FieldJudge };
  readonly ready = $derived.by(
    () =>
      this.secret.trim() !== '' &&
      (this.endsUnknown || this.endsOn.trim() !== '') &&
      Object.values(this.judges).every((judge) => judge.verdict?.state !== 'wrong'),
  );
  readonly found: FieldFinding | null = $derived.by(() => this.judges.secret.verdict?.finding ?? null);

  constructor(connection: string, keychain: KeychainView, endsOn: string) {
    this.judges = { secret: new FieldJudge(connection, 'secret'), endsOn: new FieldJudge(connection, 'ends-on') };
    this.keep = keychain.available ? 'keychain' : 'session';
    this.endsOn = endsOn;
  }

  /** Puts a value in, as a paste would. */
  fill(value: string): void {
    this.secret = value;
    void this.judges.secret.judge(value);
  }

  /** What is saved; its secret is to be emptied when it was sent. */
  form() {
    return { secret: this.secret, endsOn: this.endsUnknown ? null : this.endsOn.trim() || null, keep: this.keep };
  }

  forget(): void {
    this.secret = '';
    this.judges.secret.forget();
  }

  leaveNoCopy(text: string): void {
    this.pasted = true;
    void app.ask(() => commands.secretPasted(text));
  }

  /** Goes to the first field that keeps it from being saved. */
  focusMissing(): void {
    const wrong = this.secret.trim() === '' || this.judges.secret.verdict?.state === 'wrong';
    document.getElementById(wrong ? 'secret' : 'endsOn')?.focus();
  }
}
