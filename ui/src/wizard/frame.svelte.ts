import type { JourneyView, LinkId } from '../lib/bindings';

/** How the right panel is shown: beside the task, hidden, or over the task in a narrow window. */
export type PanelState = 'open' | 'closed' | 'over';

/** What the frame and the step inside it share. */
export class Frame {
  panel = $state<PanelState>('open');
  narrow = $state(false);
  /** The link whose evidence the panel shows, instead of the step's own content. */
  evidence = $state<LinkId | null>(null);
  /** The group whose access the panel explains. */
  group = $state<string | null>(null);
  /** Which kind of credential step 3 is about; the panel follows it. */
  credential = $state<'certificate' | 'secret'>('certificate');
  /** Saves what the step holds and is not saved yet; false when some of it could not be. Set by steps with a form. */
  save: (() => Promise<boolean>) | null = null;
  /** Puts a practice value into a field of the step, by field name. */
  fill = $state<Record<string, (value: string) => void>>({});

  get panelShown(): boolean {
    return this.narrow ? this.panel === 'over' : this.panel === 'open';
  }

  showPanel(): void {
    this.panel = this.narrow ? 'over' : 'open';
  }

  hidePanel(): void {
    this.panel = 'closed';
    this.evidence = null;
  }

  showEvidence(link: LinkId): void {
    this.evidence = link;
    this.showPanel();
  }

  /** The window became narrow or wide: an open panel becomes a tab, and back. */
  setNarrow(narrow: boolean): void {
    if (this.narrow === narrow) return;
    if (narrow) this.panel = 'closed';
    else this.panel = 'open';
    this.narrow = narrow;
  }
}

/** What every step component receives. */
export interface StepProps {
  journey: JourneyView;
  frame: Frame;
}
