import axe from 'axe-core';

/** What axe finds in a component; colours and regions are judged on whole pages only. */
export async function faults(container: Element): Promise<string[]> {
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } };
  const { violations } = await axe.run(container, { rules });
  return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(' ')}`);
}
