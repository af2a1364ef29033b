import type { ConnectionCard, SummaryState } from '../lib/wire';

const WEIGHT: Readonly<Record<SummaryState, number>> = { broken: 3, attention: 2, unknown: 1, proven: 0, idle: 0 };
const NAMES = new Intl.Collator(undefined, { numeric: true });

/** The connection that Home puts first: the one with the weightiest finding, null when there is none. */
export function firstToMend(cards: readonly ConnectionCard[]): ConnectionCard | null {
  const found = cards.filter((card) => card.finding !== null && WEIGHT[card.summaryState] > 0);
  return found.reduce<ConnectionCard | null>(
    (first, card) => (first && WEIGHT[first.summaryState] >= WEIGHT[card.summaryState] ? first : card),
    null,
  );
}

/** Those that somebody has to do something about come first; otherwise by name. */
export function worstFirst<Item extends { name: string; state: SummaryState }>(items: readonly Item[]): Item[] {
  return [...items].sort((one, other) => WEIGHT[other.state] - WEIGHT[one.state] || NAMES.compare(one.name, other.name));
}

/** By name, in which `plant-2` comes before `plant-10`. */
export function byName(cards: readonly ConnectionCard[]): ConnectionCard[] {
  return [...cards].sort((one, other) => NAMES.compare(one.name, other.name));
}
