import { SvelteMap } from 'svelte/reactivity';
import { commands } from '../lib/bindings';
import type { Answer } from '../lib/app.svelte';
import type { ListId, ListPage, ListRow } from '../lib/wire';

/** Lines of one page, as the commands answer them. */
export const LINES = 200;
/** Pages that are kept: what is far away is read again when it comes back into view. */
const KEPT = 12;

/** The lines of one list, read as they come into view. Names are masked until they are revealed. */
export class Pages {
  /** The names of this list are masked. */
  masked = $state(false);
  revealed = $state(false);
  /** Pages that could not be read, in the words of the last refusal. */
  problem = $state<string | null>(null);

  #pages = new SvelteMap<number, ListRow[]>();
  #asked = new Set<number>();
  #turn = 0;
  /** The page in view; answers of pages that have gone by may come after its own. */
  #near = 0;

  constructor(
    private readonly connection: string,
    readonly list: ListId,
  ) {}

  line(place: number): ListRow | undefined {
    return this.#pages.get(Math.floor(place / LINES))?.[place % LINES];
  }

  /** Reads what is missing of these lines. */
  want(first: number, after: number): void {
    this.#near = Math.floor(first / LINES);
    for (let page = this.#near; page * LINES < after; page++) void this.#read(page);
  }

  /** Shows names in full, or masks them again; what was shown is dropped. */
  reveal(revealed: boolean): void {
    this.revealed = revealed;
    const pages = [...this.#asked];
    this.#turn++;
    this.#asked.clear();
    for (const page of pages) void this.#read(page);
    for (const page of this.#pages.keys()) if (!this.#asked.has(page)) this.#pages.delete(page);
  }

  async #read(page: number): Promise<void> {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const turn = this.#turn;
    const form = { list: this.list, page, reveal: this.revealed };
    const answer: Answer<ListPage> | null = await commands.readList(this.connection, form).catch(() => null);
    if (turn !== this.#turn) return;
    if (answer?.status !== 'ok') {
      this.problem = answer?.error.what ?? 'These lines could not be read.';
      this.#asked.delete(page);
      return;
    }
    this.problem = null;
    this.masked = answer.data.masked;
    this.#pages.set(page, answer.data.rows);
    this.#forgetFar();
  }

  #forgetFar(): void {
    const distance = (page: number) => Math.abs(page - this.#near);
    const far = [...this.#pages.keys()].sort((one, other) => distance(other) - distance(one));
    for (const each of far.slice(0, Math.max(0, far.length - KEPT))) {
      this.#pages.delete(each);
      this.#asked.delete(each);
    }
  }
}
