import { app } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import type { ScenarioChoice } from '../lib/wire';

/** The state in which nothing is broken. */
export const HEALTHY = 'healthy';

/** What was rehearsed since the window was opened, and what was meant to be a surprise. */
class Rehearsals {
  done: readonly string[] = $state.raw([]);
  #surprise: string | null = $state(null);

  /** The state that is being played is not to be told. */
  get hidden(): boolean {
    return this.#surprise !== null && this.#surprise === app.home?.practice?.scenario;
  }

  /** Sets the practice tenant to a state. */
  async play(scenario: string): Promise<boolean> {
    this.#surprise = null;
    return this.#set(scenario);
  }

  /** Plays a state, and checks a connection that was set up with it; some show only when the directory is read. */
  async rehearse({ id, link }: ScenarioChoice): Promise<void> {
    const journey = await app.rehearse(id);
    if (!journey) return;
    if (!this.done.includes(id)) this.done = [...this.done, id];
    const met = journey.findings.some((finding) => finding.severity === 'broken');
    if (link === 'directory' && !met && app.connection === journey.id) await app.testSync();
  }

  /** Breaks something, and does not tell what. */
  async surprise(scenarios: readonly ScenarioChoice[], chance: number = Math.random()): Promise<boolean> {
    const now = app.home?.practice?.scenario;
    const faults = scenarios.filter((each) => each.id !== HEALTHY && each.id !== now && each.rehearsable);
    const chosen = faults[Math.min(Math.floor(chance * faults.length), faults.length - 1)];
    if (!chosen) return false;
    this.#surprise = chosen.id;
    return this.#set(chosen.id);
  }

  /** Ends the surprise. */
  tell(): void {
    this.#surprise = null;
  }

  async #set(scenario: string): Promise<boolean> {
    return (await app.run('set_practice_scenario', () => commands.setPracticeScenario(scenario))) !== null;
  }
}

export const rehearsals = new Rehearsals();
