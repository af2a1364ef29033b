import { SvelteSet } from 'svelte/reactivity';
import { app, type Answer } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import { toast } from '../lib/toast/toast.svelte';
import type { GatewayRow, GatewaysChange, GatewaysView, KeyChange, ReceiptLine, SealedView } from '../lib/wire';

/** What the card above the list is about. */
export type Task =
  | { name: 'entry'; row: GatewayRow | null }
  | { name: 'keys' }
  | { name: 'import' }
  | { name: 'seal' }
  | { name: 'receipts' };

/** A change that may have to be confirmed: it is asked again with the fingerprints that were. */
type Change = (confirmed: string[]) => Promise<Answer<GatewaysChange>>;

/** The gateways of one connection, and what is being done with them. */
export class GatewayList {
  view: GatewaysView | null = $state.raw(null);
  task: Task | null = $state.raw(null);
  /** Key changes that wait for a yes. */
  asks: KeyChange[] = $state.raw([]);
  sealed: SealedView | null = $state.raw(null);
  /** What the last change made worth knowing. */
  notes: string[] = $state.raw([]);
  receipts: ReceiptLine[] = $state.raw([]);
  /** Names of the gateways that are ticked. */
  readonly chosen = new SvelteSet<string>();

  readonly connection: string;
  #asked: { name: string; change: Change } | null = null;

  constructor(connection: string) {
    this.connection = connection;
  }

  get rows(): GatewayRow[] {
    return this.view?.rows ?? [];
  }

  /** The ticked gateways that are still in the list, in its order. */
  get ticked(): string[] {
    return this.rows.map((row) => row.name).filter((name) => this.chosen.has(name));
  }

  async read(): Promise<void> {
    const view = await app.ask(() => commands.gateways(this.connection));
    if (view) this.view = view;
  }

  open(task: Task): void {
    app.problem = null;
    this.notes = [];
    this.task = task;
  }

  close(): void {
    app.problem = null;
    this.task = null;
  }

  /** Makes a change; true when it was made, false when it was refused or has to be confirmed first. */
  async change(name: string, change: Change): Promise<boolean> {
    this.#asked = { name, change };
    return this.#try([]);
  }

  /** The changes that were asked about are wanted. */
  async confirm(): Promise<boolean> {
    return this.#try(this.asks.map((ask) => ask.to));
  }

  async remove(names: string[]): Promise<boolean> {
    const view = await app.run('remove_gateways', () => commands.removeGateways(this.connection, names));
    if (!view) return false;
    names.forEach((name) => this.chosen.delete(name));
    this.show(view);
    return true;
  }

  /** Takes in a new state of the list, and lets the chain and Home follow. */
  show(view: GatewaysView): void {
    this.view = view;
    if (app.journey?.id === this.connection) void app.ask(() => commands.journey(this.connection));
    void app.ask(() => commands.home());
  }

  async #try(confirmed: string[]): Promise<boolean> {
    const asked = this.#asked;
    if (!asked) return false;
    const answer = await app.run(asked.name, () => asked.change(confirmed));
    this.asks = answer?.asks ?? [];
    if (!answer || answer.says === null) return false;
    this.#asked = null;
    this.notes = answer.notes ?? [];
    this.show(answer.view);
    this.task = null;
    toast(answer.says);
    return true;
  }
}
