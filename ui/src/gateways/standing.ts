import { count, date, moment, number } from '../lib/format';
import type { IconName } from '../lib/icon/icons';
import type { GatewayCounts, GatewayRow, OutputChoice, StandingId } from '../lib/wire';

/** How far a gateway has come, in a word with its icon and colour. */
export const STANDING_LOOKS: Readonly<Record<StandingId, { word: string; icon: IconName; text: string }>> = {
  'no-key': { word: 'No key yet', icon: 'circle-dashed', text: 'c-idle' },
  'not-sealed': { word: 'Not sealed yet', icon: 'circle-dashed', text: 'c-idle' },
  outdated: { word: 'Outdated', icon: 'triangle-alert', text: 'c-warn' },
  unconfirmed: { word: 'Waiting', icon: 'timer', text: 'c-idle' },
  'cannot-confirm': { word: 'Cannot answer', icon: 'circle-help', text: 'c-idle' },
  confirmed: { word: 'Confirmed', icon: 'check', text: 'c-proven' },
  'could-not-tell': { word: 'Could not tell', icon: 'circle-help', text: 'c-idle' },
  failed: { word: 'Its test failed', icon: 'circle-x', text: 'c-broken' },
  'held-back': { word: 'Not installed', icon: 'circle-x', text: 'c-broken' },
};

/** The line below the word: what stands behind it. */
export function behind(row: GatewayRow): string {
  const { receipt } = row;
  switch (row.standing) {
    case 'no-key':
      return 'give it its host key';
    case 'not-sealed':
      return 'seal a bundle';
    case 'outdated':
      return receipt ? `receipt ${moment(receipt.receivedAt)}` : 'an earlier credential';
    case 'unconfirmed':
      return 'for its receipt';
    case 'cannot-confirm':
      return 'an age key cannot sign';
    case 'confirmed':
      return receipt ? `receipt ${moment(receipt.receivedAt)}` : '';
    case 'could-not-tell':
      return 'the secret is kept nowhere';
    case 'failed':
      return row.code ?? '';
    case 'held-back':
      return ['its test failed', row.code].filter(Boolean).join(': ');
  }
}

/** `ends 19 May 2027`: the last day on which it is good. */
export function endOf(newest: NonNullable<GatewayRow['newest']>): string {
  const last = new Date(Date.parse(newest.endsAt) - 1000).toISOString().slice(0, 10);
  return `${newest.ended ? 'ended' : 'ends'} ${date(last)}`;
}

/** What a gateway's bundles hold besides what all hold, in words. */
export function holds(ids: string[], outputs: OutputChoice[]): string {
  return ids.map((id) => outputs.find((output) => output.id === id)?.title ?? id).join(', ');
}

/** `4 of 6 confirmed`. */
export function confirmedOf({ confirmed, total }: GatewayCounts): string {
  return total === 0 ? 'no gateways yet' : `${number(confirmed)} of ${number(total)} confirmed`;
}

/** How many gateways stand somewhere, as part of a sentence. */
const IN_NUMBERS: Readonly<Record<StandingId, (many: number) => string>> = {
  confirmed: () => 'confirmed',
  'could-not-tell': () => 'that cannot be told of',
  failed: (many) => (many === 1 ? 'failed its test' : 'failed their tests'),
  'held-back': () => 'not installed',
  unconfirmed: (many) => `waiting for ${many === 1 ? 'its receipt' : 'their receipts'}`,
  'cannot-confirm': () => 'that cannot answer',
  outdated: () => 'outdated',
  'not-sealed': () => 'not sealed yet',
  'no-key': () => 'without a key',
};

/** `6 gateways: 4 confirmed, 1 failed its test, 1 waiting for its receipt`: each one is counted once. */
export function inNumbers(rows: readonly GatewayRow[]): string {
  const parts = (Object.keys(IN_NUMBERS) as StandingId[]).flatMap((standing) => {
    const many = rows.filter((row) => row.standing === standing).length;
    return many > 0 || standing === 'confirmed' ? [`${number(many)} ${IN_NUMBERS[standing](many)}`] : [];
  });
  return `${count(rows.length, 'gateway')}: ${parts.join(', ')}`;
}

/** Whether a gateway fits what was typed into the filter: its name, address, fingerprint or standing. */
export function fits(row: GatewayRow, typed: string): boolean {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return true;
  const texts = [row.name, row.address, row.key?.fingerprint ?? '', STANDING_LOOKS[row.standing].word, row.code ?? ''];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
