import type { LiveLink } from '../app.svelte';
import type { LinkId, LinkState, LinkView } from '../wire';
import { LINK_LOOKS, LINK_NAMES } from '../links';

const GOOD: readonly LinkState[] = ['proven', 'attention'];

/** The links with what arrived since they were read; the evidence of an older try goes. */
export function current(links: readonly LinkView[], live: Partial<Record<LinkId, LiveLink>>): LinkView[] {
  return links.map((view) => {
    const now = live[view.link];
    return now ? { ...view, ...now, evidence: [], details: [], because: null, at: null, source: null } : view;
  });
}

/** The bar from one link to the next: joined, live, cut, or plain stone. */
export function barAfter(view: LinkView, next: LinkView | undefined): 'joined' | 'live' | 'cut' | false {
  if (!next) return false;
  if (view.state === 'broken') return 'cut';
  if (!GOOD.includes(view.state)) return false;
  if (next.state === 'checking') return 'live';
  return GOOD.includes(next.state) || next.state === 'broken' ? 'joined' : false;
}

/** A link as it is read aloud: `Consent: Broken, 0 of 2 roles`. */
export function said(view: LinkView): string {
  const state = LINK_LOOKS[view.state].word;
  const word = view.word.startsWith(state) ? [view.word] : [state, view.word];
  return `${LINK_NAMES[view.link]}: ${[...word, ...view.evidence, ...(view.because ? [view.because] : [])].join(', ')}`;
}

/** Lets a long domain break before a dot, and nowhere in between. */
export function breakable(text: string): string {
  return text.replace(/(?<=\w{4})\.(?=\w)/g, '\u200b.');
}

/** Which links have just closed or opened, in the order in which they show it. */
export class Motion {
  fresh: Partial<Record<LinkId, number>> = $state.raw({});
  #seen: Map<LinkId, LinkState> | null = null;

  /** Compares with what was shown last; the first chain that is shown does not move. */
  follow(views: readonly LinkView[]): void {
    const before = this.#seen;
    this.#seen = new Map(views.map((view) => [view.link, view.state]));
    if (!before) return;
    const changed = views.filter((view) => before.get(view.link) !== view.state);
    if (changed.length === 0) return;
    const moving = changed.filter((view) => view.state === 'proven' || view.state === 'broken');
    this.fresh = Object.fromEntries(moving.map((view, order) => [view.link, order]));
  }
}
