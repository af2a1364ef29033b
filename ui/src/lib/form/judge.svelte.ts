import { app } from '../app.svelte';
import { commands } from '../bindings';
import type { FieldId, FieldVerdict } from '../wire';

const PAUSE_MS = 400;

/** The verdict on one field: 400 ms after typing stops, at once after a paste. Nothing is sent anywhere. */
export class FieldJudge {
  verdict: FieldVerdict | null = $state.raw(null);

  readonly #connection: string;
  readonly #field: FieldId;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(connection: string, field: FieldId) {
    this.#connection = connection;
    this.#field = field;
  }

  typed(text: string): void {
    this.forget();
    this.#timer = setTimeout(() => void this.judge(text), PAUSE_MS);
  }

  /** Judges now; an answer that a newer text has overtaken is dropped. */
  async judge(text: string): Promise<FieldVerdict | null> {
    this.forget();
    const asked = ++this.#asked;
    const verdict = await app.ask(() => commands.judgeField(this.#connection, this.#field, text));
    if (asked === this.#asked) this.verdict = verdict;
    return verdict;
  }

  /** Takes the verdict away and drops what is still on its way. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.verdict = null;
  }
}
