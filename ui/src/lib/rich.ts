/** One stretch of a sentence: plain, a name in the portal, or something that could be copied. */
export interface Stretch {
  kind: 'plain' | 'bold' | 'code';
  text: string;
}

/**
 * Splits a sentence with `**bold**` and `` `code` `` into stretches. Marks that are not closed stay as they are, and
 * inside `` `code` `` nothing is a mark.
 */
export function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  let end = 0;
  for (const match of text.matchAll(/`([^`]+)`|\*\*(.+?)\*\*/gs)) {
    if (match.index > end) found.push({ kind: 'plain', text: text.slice(end, match.index) });
    found.push(
      match[1] !== undefined ? { kind: 'code', text: match[1] } : { kind: 'bold', text: match[2] ?? '' },
    );
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ kind: 'plain', text: text.slice(end) });
  return found;
}
