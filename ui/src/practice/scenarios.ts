import { LINK_NAMES, LINKS } from '../lib/links';
import type { LinkId, ScenarioChoice } from '../lib/wire';

/** The states that break one link, and, with no link, those in which everything works. */
export interface ScenarioGroup {
  link: LinkId | null;
  scenarios: ScenarioChoice[];
}

/** Along the chain, the healthy state first; without the groups that are empty. */
export function grouped(scenarios: readonly ScenarioChoice[]): ScenarioGroup[] {
  return [null, ...LINKS]
    .map((link) => ({ link, scenarios: scenarios.filter((each) => each.link === link) }))
    .filter((group) => group.scenarios.length > 0);
}

/** Those in which every word of the search occurs: in the title, the story, the id or the link's name. */
export function matching(scenarios: readonly ScenarioChoice[], search: string): ScenarioChoice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return scenarios.filter(({ id, title, story, link }) => {
    const text = [id, title, story, link ? LINK_NAMES[link] : ''].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The links that cannot be tried once this one is broken. */
export function behind(link: LinkId): LinkId[] {
  return LINKS.slice(LINKS.indexOf(link) + 1);
}
