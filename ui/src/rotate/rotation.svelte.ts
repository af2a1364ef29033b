import { app, type Answer } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import { GatewayList } from '../gateways/list.svelte';
import type { RotationTrial, RotationView } from '../lib/wire';

/** The steps of the ladder, and the end. */
export type Rung = 'enter' | 'prove' | 'hand-out' | 'remove' | 'done';

/** A rotation on screen. What it knows of gateways is the Gateways screen's. */
export class RotationState {
  view: RotationView | null = $state.raw(null);
  /** What the newest try on this screen came to. */
  trial: RotationTrial | null = $state.raw(null);
  /** Its end was seen on this screen. */
  ended = $state(false);
  /** Another new one is to take the place of the one that is not proven. */
  replacing = $state(false);
  readonly connection: string;
  readonly list: GatewayList;

  constructor(connection: string) {
    this.connection = connection;
    this.list = new GatewayList(connection);
  }

  get rung(): Rung {
    const underWay = this.view?.underWay;
    if (!underWay) return this.ended ? 'done' : 'enter';
    if (underWay.stage === 'entered') return this.replacing ? 'enter' : 'prove';
    return underWay.removable ? 'remove' : 'hand-out';
  }

  /** `secret` or `certificate`: what is being replaced. */
  get old(): string {
    return (this.view?.old?.noun ?? 'Secret').toLowerCase();
  }

  async read(): Promise<void> {
    await this.#take(app.ask(() => commands.rotation(this.connection)));
  }

  /** Enters the new credential; true when it is kept. */
  async begin(call: () => Promise<Answer<RotationView>>): Promise<boolean> {
    this.trial = null;
    this.ended = false;
    const begun = await this.#take(app.run('begin_rotation', call));
    if (begun) this.replacing = false;
    return begun;
  }

  /** Tries the new credential, live. */
  async prove(): Promise<void> {
    this.trial = null;
    const trial = await app.proveRotation(this.connection);
    if (!trial) return this.read();
    this.trial = trial;
    this.view = trial.view;
    if (trial.proven) await this.#follow();
  }

  async except(gateways: string[]): Promise<boolean> {
    return this.#take(app.run('except_gateways', () => commands.exceptGateways(this.connection, gateways)));
  }

  /** Asks Entra ID whether it still takes the old credential. */
  async look(): Promise<void> {
    await this.#end(app.run('look_for_old_credential', () => commands.lookForOldCredential(this.connection)));
  }

  /** Ends it on the admin's word. */
  async finish(): Promise<void> {
    await this.#end(app.run('finish_rotation', () => commands.finishRotation(this.connection)));
  }

  /** Gives it up, or goes back to the old one if Entra ID takes that now; what was seen of it is in the view otherwise. */
  async abandon(): Promise<void> {
    await this.#leave(app.run('abandon_rotation', () => commands.abandonRotation(this.connection)));
  }

  /** Goes back to an old one that nobody can tell anything of. The new one is kept beside it. */
  async goBackUnproven(): Promise<void> {
    await this.#leave(app.run('go_back_unproven', () => commands.goBackUnproven(this.connection)));
  }

  /** The damaged list of gateways of this connection, or of another one of the app, is whole again. */
  async whole(listed: string): Promise<void> {
    await this.#take(app.run('gateways_are_whole', () => commands.gatewaysAreWhole(this.connection, listed)));
    await this.list.read();
  }

  async #leave(asked: Promise<RotationView | null>): Promise<void> {
    this.trial = null;
    this.replacing = false;
    if (await this.#take(asked)) await this.#follow();
    else await this.read();
  }

  async #end(asked: Promise<RotationView | null>): Promise<void> {
    const taken = await this.#take(asked);
    this.ended = taken && this.view?.underWay === null;
    if (this.ended) await this.#follow();
  }

  async #take(asked: Promise<RotationView | null>): Promise<boolean> {
    const view = await asked;
    if (view) this.view = view;
    return view !== null;
  }

  /** The connection's chain and its gateways are judged by another credential now; bundles with the other one are no news. */
  async #follow(): Promise<void> {
    this.list.sealed = null;
    await Promise.all([this.list.read(), app.ask(() => commands.journey(this.connection)), app.ask(() => commands.home())]);
  }
}
