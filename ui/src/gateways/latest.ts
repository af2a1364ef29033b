const PAUSE_MS = 300;

/** Asks about a text a moment after it stopped changing; only the newest answer counts. */
export class Latest {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked: string | null = null;

  soon<T>(text: string, ask: () => Promise<T | null>, tell: (answer: T | null) => void): void {
    clearTimeout(this.#timer);
    this.#asked = text;
    this.#timer = setTimeout(() => void ask().then((answer) => this.#asked === text && tell(answer)), PAUSE_MS);
  }
}
