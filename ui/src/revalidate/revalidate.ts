import type { FindingView } from '../lib/wire';

/** `1 broken, 2 work but need attention`. */
export function counted(findings: readonly FindingView[]): string {
  const of = (severity: FindingView['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  const broken = of('broken');
  const attention = of('attention');
  const unknown = of('unknown');
  return [
    broken > 0 && `${broken} broken`,
    attention > 0 && (attention === 1 ? '1 works but needs attention' : `${attention} work but need attention`),
    unknown > 0 && `${unknown} could not be told`,
  ]
    .filter(Boolean)
    .join(', ');
}
