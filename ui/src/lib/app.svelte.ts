import { announce } from './announce.svelte';
import { commands, events } from './bindings';
import { time } from './format';
import { LINK_NAMES } from './links';
import { toast } from './toast/toast.svelte';
import type {
  HomeView,
  JourneyView,
  LinkId,
  LinkState,
  Problem,
  Progress,
  ProgressEvent,
  RotationTrial,
  SealedView,
  SealForm,
  StepId,
  SyncForm,
  SyncProgress,
} from './wire';

/** What the window shows. */
export type Screen =
  | { name: 'home' }
  | { name: 'practice' }
  | { name: 'support' }
  | { name: 'settings' }
  /** Of this connection, or of none yet. */
  | { name: 'gateways'; of: string | null }
  | { name: 'wizard'; connection: string }
  | { name: 'revalidate'; connection: string }
  | { name: 'rotate'; connection: string };

/** Where a link stands while a check is under way. */
export interface LiveLink {
  state: LinkState;
  word: string;
}

/** One fresh token fetched while waiting for consent to arrive. */
export type ConsentTry = Omit<Extract<Progress, { kind: 'consentTry' }>, 'kind'>;

/** What a command answers. */
export type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: Problem };

const UNEXPECTED: Problem = {
  code: 'internal',
  field: null,
  what: 'The part of Gatehouse behind this window did not answer as it should.',
  fix: 'Try again. If it happens again, close Gatehouse and open it: every step is saved.',
};

/** Everything, from the start. */
const WHOLE: SyncForm = { mode: 'full', resume: false, acceptedRemovals: null };

/** All state that outlives a screen. There is one, `app`. */
export class App {
  screen: Screen = $state({ name: 'home' });
  home: HomeView | null = $state.raw(null);
  journey: JourneyView | null = $state.raw(null);
  /** What could not be done; `field` says at which field it belongs. Shown by `ErrorSummary` and `Field`. */
  problem: Problem | null = $state.raw(null);
  /** Live states of the connection under check, by link; empty when nothing is being checked. */
  live: Partial<Record<LinkId, LiveLink>> = $state.raw({});
  sync: SyncProgress | null = $state.raw(null);
  /** How many bundles are sealed, while some are being sealed. */
  sealing: { done: number; of: number } | null = $state.raw(null);
  consentTries: ConsentTry[] = $state.raw([]);
  /** Entra ID does not know a fresh credential yet; the next try comes after so many milliseconds. */
  notYet: { ms: number; number: number } | null = $state.raw(null);

  #running: string[] = $state.raw([]);
  #watched: string | null = null;
  #waiting: Promise<unknown> = Promise.resolve();
  #opening = 0;

  /** The first command that is still running, by the name given to `run`. */
  get busy(): string | null {
    return this.#running[0] ?? null;
  }

  /** The connection on screen. */
  get connection(): string | null {
    return 'connection' in this.screen ? this.screen.connection : null;
  }

  /** Listens for progress and reads Home. Answers the way to stop listening. */
  async start(): Promise<() => void> {
    const stop = await events.progressEvent.listen((event) => this.hear(event.payload)).catch(() => {
      this.problem = UNEXPECTED;
      return () => {};
    });
    await this.run('home', () => commands.home());
    return stop;
  }

  async goHome(): Promise<void> {
    this.#show({ name: 'home' });
    await this.#refreshHome();
  }

  /** Shows the gateways of a connection; without one, of the connection that has some. */
  async goGateways(of: string | null = null): Promise<void> {
    this.#show({ name: 'gateways', of: of ?? this.#withGateways() });
    await this.#refreshHome();
    if (this.screen.name === 'gateways' && this.screen.of === null) this.screen = { name: 'gateways', of: this.#withGateways() };
  }

  goSupport(): void {
    this.#show({ name: 'support' });
  }

  goSettings(): void {
    this.#show({ name: 'settings' });
  }

  async goPractice(): Promise<void> {
    this.#show({ name: 'practice' });
    await this.#refreshHome();
  }

  /** Opens a connection: the wizard until it is set up, Re-validate from then on, or the screen asked for. */
  async open(connection: string, screen?: 'wizard' | 'revalidate' | 'rotate'): Promise<void> {
    const opening = ++this.#opening;
    const journey = await this.ask(() => commands.journey(connection));
    if (!journey || opening !== this.#opening) return;
    const setUp = this.home?.connections.find((card) => card.id === connection)?.setUp ?? false;
    this.#show({ name: screen ?? (setUp ? 'revalidate' : 'wizard'), connection });
    this.journey = journey;
  }

  /** Makes a new connection and opens its wizard. */
  async connect(kind: 'tenant' | 'practice'): Promise<void> {
    const opening = ++this.#opening;
    const journey = await this.run('create_connection', () => commands.createConnection(kind === 'practice'));
    if (!journey) return;
    await this.#refreshHome();
    if (opening !== this.#opening) return;
    this.#show({ name: 'wizard', connection: journey.id });
    this.journey = journey;
  }

  /** Plays a state of the practice tenant, and re-validates a connection that was set up with it. */
  async rehearse(scenario: string): Promise<JourneyView | null> {
    const opening = ++this.#opening;
    const journey = await this.run('rehearse', () => commands.rehearse(scenario));
    if (!journey) return null;
    await this.#refreshHome();
    if (opening !== this.#opening) return null;
    this.#show({ name: 'revalidate', connection: journey.id });
    this.journey = journey;
    return this.check('gateway');
  }

  /** Goes to a step of the connection on screen. */
  async goTo(step: StepId): Promise<void> {
    const connection = this.connection;
    if (connection) await this.run('go_to_step', () => commands.goToStep(connection, step));
  }

  /** Tries the links from the first one up to `through`, live. */
  async check(through: LinkId, connection = this.connection): Promise<JourneyView | null> {
    if (!connection) return null;
    this.#watched = connection;
    return this.run('check', () => commands.check(connection, through));
  }

  /** Asks for fresh tokens until consent has arrived or the wait is over. */
  async waitForConsent(): Promise<JourneyView | null> {
    const connection = this.connection;
    if (!connection) return null;
    this.consentTries = [];
    this.#watched = connection;
    const waiting = this.run('wait_for_consent', () => commands.waitForConsent(connection));
    this.#waiting = waiting;
    return waiting;
  }

  /** Reads the directory, live: everything, unless the form says otherwise. */
  async testSync(form: SyncForm = WHOLE): Promise<JourneyView | null> {
    const connection = this.connection;
    if (!connection) return null;
    this.sync = null;
    this.#watched = connection;
    const journey = await this.run('test_sync', () => commands.testSync(connection, form));
    this.sync = null;
    // A refusal may have begun a pause, which the journey tells.
    return journey ?? this.ask(() => commands.journey(connection)).then(() => null);
  }

  /** Tries the new credential of a rotation, live. */
  async proveRotation(connection: string): Promise<RotationTrial | null> {
    this.notYet = null;
    this.#watched = connection;
    const trial = await this.run('prove_rotation', () => commands.proveRotation(connection));
    this.notYet = null;
    return trial;
  }

  /** Seals bundles, live. */
  async seal(connection: string, form: SealForm): Promise<SealedView | null> {
    this.sealing = null;
    this.#watched = connection;
    const sealed = await this.run('seal_bundles', () => commands.sealBundles(connection, form));
    this.sealing = null;
    return sealed;
  }

  /** Stops the check, the wait, the test sync or the sealing of a connection. */
  async cancel(connection = this.#watched ?? this.connection): Promise<void> {
    if (connection) await this.ask(() => commands.cancel(connection));
  }

  /** Is the named command running? */
  running(name: string): boolean {
    return this.#running.includes(name);
  }

  /**
   * Runs a command that the screen waits for: `busy` is its name meanwhile, a returned journey or Home is stored, a
   * problem is shown. Answers the data, or null after a problem.
   */
  async run<T>(name: string, call: () => Promise<Answer<T>>): Promise<T | null> {
    this.problem = null;
    this.#running = [...this.#running, name];
    const data = await this.ask(call);
    const at = this.#running.indexOf(name);
    this.#running = this.#running.filter((_, index) => index !== at);
    if (this.#running.length === 0) {
      this.live = {};
      this.#watched = null;
    }
    return data;
  }

  /** As `run`, but quietly: for what happens beside the screen's own work, such as judging a field or pausing. */
  async ask<T>(call: () => Promise<Answer<T>>): Promise<T | null> {
    const answer = await call().catch((): Answer<T> => ({ status: 'error', error: UNEXPECTED }));
    if (answer.status === 'ok') {
      this.#store(answer.data);
      return answer.data;
    }
    const problem = isProblem(answer.error) ? answer.error : UNEXPECTED;
    if (problem.code === 'cancelled') toast(problem.what);
    else this.problem = problem;
    return null;
  }

  /** Something failed outside a command. */
  failed(): void {
    this.problem = UNEXPECTED;
  }

  /** Takes in one piece of progress, if it is of the connection that is being watched. */
  hear({ connection, progress }: ProgressEvent): void {
    if (connection !== (this.#watched ?? this.connection)) return;
    if (progress.kind === 'link') {
      // An event that comes after its command's answer is older than what the answer showed.
      if (this.#running.length === 0) return;
      const { link, state, word } = progress;
      this.live = { ...this.live, [link]: { state, word } };
      const at = time(new Date().toISOString());
      if (state === 'proven') announce(`${LINK_NAMES[link]} proven, ${at}`);
      if (state === 'broken') announce(`${LINK_NAMES[link]} broken, ${word}`, 'assertive');
    } else if (progress.kind === 'consentTry') {
      const { kind: _, ...consentTry } = progress;
      this.consentTries = [...this.consentTries, consentTry];
    } else if (progress.kind === 'consentAnswer') {
      void this.#lookAfterConsent(progress.refused);
    } else if (progress.kind === 'notYet') {
      this.notYet = { ms: progress.nextInMs, number: (this.notYet?.number ?? 0) + 1 };
    } else if (progress.kind === 'sealing') {
      const { done, of } = progress;
      // Several threads tell of their work, each at its own moment.
      if (this.running('seal_bundles') && done >= (this.sealing?.done ?? 0)) this.sealing = { done, of };
    } else {
      const { kind: _, ...sync } = progress;
      this.sync = sync;
    }
  }

  /** The wait that may be under way ends with a refusal, and goes on with anything else. */
  async #lookAfterConsent(refused: boolean): Promise<void> {
    if (this.running('wait_for_consent')) {
      if (!refused || !this.connection) return;
      await this.cancel(this.connection);
      await this.#waiting;
    }
    await (refused ? this.check('consent') : this.waitForConsent());
  }

  #show(screen: Screen): void {
    this.#opening++;
    this.screen = screen;
    this.problem = null;
    if (!('connection' in screen) || screen.connection !== this.journey?.id) {
      this.journey = null;
      this.sync = null;
      this.consentTries = [];
    }
  }

  #store(data: unknown): void {
    if (isHome(data)) this.home = data;
    if (!isJourney(data)) return;
    // An answer may arrive after its screen was left; it must not replace another connection's.
    if (data.id === this.connection) this.journey = data;
    if (this.#cardDiffers(data)) void this.#refreshHome();
  }

  #withGateways(): string | null {
    const cards = this.home?.connections ?? [];
    return (cards.find((card) => card.gateways) ?? cards[0])?.id ?? null;
  }

  #cardDiffers(journey: JourneyView): boolean {
    const card = this.home?.connections.find((each) => each.id === journey.id);
    return (
      card !== undefined &&
      (card.name !== journey.name ||
        card.summary !== journey.summary ||
        card.checkedAt !== journey.checkedAt ||
        card.savedAt !== journey.savedAt)
    );
  }

  async #refreshHome(): Promise<void> {
    await this.ask(() => commands.home());
  }
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'what' in error && 'code' in error;
}

function isHome(data: unknown): data is HomeView {
  return typeof data === 'object' && data !== null && 'connections' in data;
}

function isJourney(data: unknown): data is JourneyView {
  return typeof data === 'object' && data !== null && 'steps' in data && 'links' in data;
}

export const app = new App();
