import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import type { ConnectionCard, SummaryState } from '../lib/wire';

/** What came of one connection. */
export interface Checked {
  id: string;
  name: string;
  summary: string;
  state: SummaryState;
}

/** All connections are checked, one after the other, each link for real. */
export class CheckAll {
  /** What is being checked now; null when nothing is. */
  now: { name: string; number: number; of: number } | null = $state.raw(null);
  done: Checked[] = $state.raw([]);
  /** How many were left out because somebody stopped. */
  left = $state(0);
  /** It came to its end, or was stopped. */
  over = $state(false);
  #stopped = false;
  #current: string | null = null;

  async run(cards: readonly ConnectionCard[]): Promise<void> {
    if (this.now) return;
    this.#stopped = false;
    this.over = false;
    this.done = [];
    for (const [index, card] of cards.entries()) {
      if (this.#stopped) break;
      this.now = { name: card.name, number: index + 1, of: cards.length };
      this.#current = card.id;
      const journey = await app.check('gateway', card.id);
      if (this.#stopped && !journey) break;
      const found = journey ?? { summary: app.problem?.what ?? 'Could not be checked', summaryState: 'unknown' as const };
      this.done = [...this.done, { id: card.id, name: card.name, summary: found.summary, state: found.summaryState }];
    }
    this.left = cards.length - this.done.length;
    this.now = null;
    this.#current = null;
    this.over = true;
    app.problem = null;
    await app.ask(() => commands.home());
  }

  /** Stops after what is already known; the connection under check is stopped in the middle. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#current) await app.cancel(this.#current);
  }

  /** How many ended in one of these states. */
  count(...states: SummaryState[]): number {
    return this.done.filter((one) => states.includes(one.state)).length;
  }
}
