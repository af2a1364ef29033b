import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';

const EVERY_MS = 5_000;
/** Ten minutes of looking; whoever needs longer presses the button. */
const MOST_TRIES = 120;

/** What the watch is doing. */
export type WatchState = 'watching' | 'stopped' | 'accepted';

/** Tries the certificate every five seconds until Entra ID accepts it. It rests while the window is hidden. */
export class UploadWatch {
  state: WatchState = $state('stopped');
  /** The last try did not reach Entra ID. */
  unreached = $state(false);

  readonly #connection: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  /** Counts beginnings, so that the answer to a try before the last one changes nothing. */
  #turn = 0;

  constructor(connection: string) {
    this.#connection = connection;
  }

  start(): void {
    this.stop();
    this.state = 'watching';
    this.#tries = 0;
    this.#later(this.#turn);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#turn++;
    this.state = 'stopped';
    this.unreached = false;
  }

  #later(turn: number): void {
    this.#timer = setTimeout(() => void this.#look(turn), EVERY_MS);
  }

  async #look(turn: number): Promise<void> {
    // A hidden window, or one that is checking already, has no use for the answer.
    if (document.hidden || app.busy) return this.#later(turn);
    const answer = await app.ask(() => commands.tryCredential(this.#connection));
    if (turn !== this.#turn) return;
    this.#tries++;
    this.unreached = answer === 'unreached';
    const goesOn = answer === 'not-yet' || answer === 'unreached';
    if (goesOn && this.#tries < MOST_TRIES) return this.#later(turn);
    this.stop();
    if (answer === 'accepted') this.state = 'accepted';
    // The check closes the link, or says why it cannot be closed.
    if (answer === 'accepted' || answer === 'refused') await app.check('credential', this.#connection);
  }
}
