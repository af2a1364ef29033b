import type { commands, events } from './bindings';

/**
 * What Rust answers, named once. The generated file has two forms of each type, one for each direction; the page only
 * ever sees what was sent, where an absent value is null.
 */
type Data<Command extends (...args: never[]) => Promise<unknown>> = Extract<
  Awaited<ReturnType<Command>>,
  { status: 'ok' }
> extends { data: infer T }
  ? T
  : never;
type Commands = typeof commands;

export type HomeView = Data<Commands['home']>;
export type ConnectionCard = HomeView['connections'][number];
export type CredentialCard = NonNullable<ConnectionCard['credential']>;
export type KeychainView = HomeView['keychain'];
export type PracticeView = NonNullable<HomeView['practice']>;
export type ScenarioChoice = PracticeView['scenarios'][number];
export type SummaryState = ConnectionCard['summaryState'];

export type JourneyView = Data<Commands['journey']>;
export type StepView = JourneyView['steps'][number];
export type StepId = StepView['step'];
export type StepState = StepView['state'];
export type LinkView = JourneyView['links'][number];
export type LinkId = LinkView['link'];
export type LinkState = LinkView['state'];
export type FindingView = JourneyView['findings'][number];
export type Severity = FindingView['severity'];
export type PageLink = NonNullable<FindingView['page']>;
export type SyncView = NonNullable<JourneyView['sync']>;
export type SyncStart = JourneyView['syncStart'];
export type QuarantineView = NonNullable<SyncStart['quarantine']>;
export type HeldView = NonNullable<SyncView['held']>;
export type ChangeCount = NonNullable<SyncView['changes']>['users'];
export type SyncForm = Parameters<Commands['testSync']>[1];
export type SyncMode = SyncForm['mode'];
export type SyncForget = Parameters<Commands['restartSync']>[1];
export type SyncSummary = Data<Commands['syncSummary']>;
export type ForecastView = Data<Commands['forecastSync']>;
export type ListPage = Data<Commands['readList']>;
export type ListRow = ListPage['rows'][number];
export type ListId = Parameters<Commands['readList']>[1]['list'];
export type AdministratorsView = Data<Commands['administrators']>;
export type TokenView = NonNullable<JourneyView['token']>;
export type CredentialView = JourneyView['credential'];
export type CertificateView = NonNullable<CredentialView['certificate']>;

export type SettingsView = Data<Commands['settings']>;
export type UnusableProfile = SettingsView['unusableProfiles'][number];
export type SettingsForm = Parameters<Commands['saveSettings']>[0];

export type FieldVerdict = Data<Commands['judgeField']>;
export type FieldFinding = NonNullable<FieldVerdict['finding']>;
export type FieldState = FieldVerdict['state'];
export type FieldId = Parameters<Commands['judgeField']>[1];
export type ExplanationView = Data<Commands['explain']>;
export type AdviceView = NonNullable<ExplanationView['advice']>;
export type ReportForm = Parameters<Commands['saveReport']>[1];
export type HistoryView = Data<Commands['history']>;
export type RunView = HistoryView['runs'][number];
export type ChangedView = NonNullable<HistoryView['changed']>;
export type SawLine = FindingView['saw'][number];
export type PasteView = Data<Commands['readPaste']>;

export type GatewaysView = Data<Commands['gateways']>;
export type GatewayRow = GatewaysView['rows'][number];
export type GatewayCounts = GatewaysView['counts'];
export type GatewayKey = NonNullable<GatewayRow['key']>;
export type OutputChoice = GatewaysView['outputs'][number];
export type StandingId = GatewayRow['standing'];
export type GatewayForm = Parameters<Commands['saveGateway']>[1];
export type GatewaysChange = Data<Commands['saveGateway']>;
export type KeyChange = GatewaysChange['asks'][number];
export type KeysPreview = Data<Commands['previewKeys']>;
export type KeyLine = KeysPreview['lines'][number];
export type LineProblem = KeysPreview['problems'][number];
export type TablePreview = Data<Commands['previewTable']>;
export type SealForm = Parameters<Commands['sealBundles']>[1];
export type SealOutlook = Data<Commands['sealOutlook']>;
export type SealedView = Data<Commands['sealBundles']>;
export type ReceiptsView = Data<Commands['receiveReceipts']>;
export type ReceiptLine = ReceiptsView['lines'][number];

export type RotationView = Data<Commands['rotation']>;
export type RotationUnderWay = NonNullable<RotationView['underWay']>;
export type LifelineView = RotationUnderWay['new'];
export type HolderView = RotationUnderWay['holders'][number];
export type RotationTrial = Data<Commands['proveRotation']>;

export type Problem = Extract<Awaited<ReturnType<Commands['home']>>, { status: 'error' }>['error'];

type Listener = Parameters<(typeof events)['progressEvent']['listen']>[0];
export type ProgressEvent = Parameters<Listener>[0]['payload'];
export type Progress = ProgressEvent['progress'];
export type SyncProgress = Omit<Extract<Progress, { kind: 'sync' }>, 'kind'>;
