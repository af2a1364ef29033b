import type { ConnectionCard, SummaryState } from '../lib/wire';

const WEIGHT: Readonly<Record<SummaryState, number>> = { broken: 3, attention: 2, unknown: 1, proven: 0, idle: 0 };

/** The connection that Home puts first: the one with the weightiest finding, null when there is none. */
export function firstToMend(cards: readonly ConnectionCard[]): ConnectionCard | null {
  const found = cards.filter((card) => card.finding !== null && WEIGHT[card.summaryState] > 0);
  return found.reduce<ConnectionCard | null>(
    (first, card) => (first && WEIGHT[first.summaryState] >= WEIGHT[card.summaryState] ? first : card),
    null,
  );
}
