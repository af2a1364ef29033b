//! Step 8: how a test sync is started, what holds it back, what it found.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::CountView;

/// How to run a test sync.
#[derive(Clone, Copy, Debug, Default, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncForm {
    pub mode: SyncMode,
    /// Go on where the last run stopped, if it did.
    pub resume: bool,
    /// The number of removals that the admin typed.
    pub accepted_removals: Option<u32>,
}

/// What a sync reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SyncMode {
    /// Everything.
    #[default]
    Full,
    /// What changed since the last complete run.
    Delta,
}

/// What a restart forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SyncForget {
    /// How often it failed.
    Escalations,
    /// The pause after failures.
    Quarantine,
    /// The links that tell what changed; the next run reads everything.
    Watermarks,
    All,
}

/// What there is to start a test sync from.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncStart {
    /// A run stopped before its end.
    pub can_resume: bool,
    /// A complete run left links, so that changes can be asked for.
    pub can_delta: bool,
    /// Runs that failed since the last one that did not.
    pub failures: u32,
    pub failing_since: Option<String>,
    pub quarantine: Option<QuarantineView>,
}

/// The pause after repeated failures.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct QuarantineView {
    pub since: String,
    pub next_try: String,
    /// What failed last, as a sentence.
    pub reason: String,
    /// Microsoft's code of it.
    pub code: Option<String>,
}

/// What a full sync will cost.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ForecastView {
    pub objects: u32,
    /// Memberships are guessed.
    pub guessed: bool,
    pub requests: u32,
    pub resource_units: u32,
    /// Resource units that the app may spend in 10 seconds.
    pub quota: u32,
    pub time_ms: u32,
    /// Of the app's quota while it runs, in per cent.
    pub share_percent: u32,
}

/// The last test sync.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncView {
    pub complete: bool,
    pub cancelled: bool,
    pub mode: SyncMode,
    pub resumed: bool,
    /// Why everything was read where only changes were asked for.
    pub full_because: Option<String>,
    pub started_at: String,
    pub finished_at: String,
    pub users: CountView,
    pub groups: CountView,
    pub memberships: CountView,
    pub requests: u32,
    pub throttled: u32,
    pub resource_units: u32,
    pub seconds: f64,
    /// Absent when there was no earlier run to compare with.
    pub changes: Option<ChangeCounts>,
    /// It was read to the end and waits for the admin's word.
    pub held: Option<HeldView>,
    /// Charts and lists show an earlier run, which was complete.
    pub shows_earlier: bool,
}

/// How much is different from the run before.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangeCounts {
    /// When the run before ended.
    pub since: Option<String>,
    pub users: ChangeCount,
    pub groups: ChangeCount,
    pub memberships: ChangeCount,
}

/// How many objects of one kind are different.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangeCount {
    pub added: u32,
    pub updated: u32,
    pub removed: u32,
}

/// Why a directory that was read to the end does not become what is known.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HeldView {
    /// Each reason as a sentence.
    pub reasons: Vec<String>,
    /// The number to type.
    pub removals: u32,
    pub may_be_accepted: bool,
}

/// The directory in numbers.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncSummary {
    pub people: PeopleView,
    pub people_total: u32,
    pub groups_total: u32,
    /// Changes that are kept by name.
    pub changes_kept: u32,
    /// Groups by number of members: empty, 1–9, 10–99, 100–999, 1 000–4 999, 5 000 and more.
    pub group_sizes: Vec<u32>,
    pub largest_group: Option<String>,
    /// What is worth a look; none of it stops a gateway.
    pub warnings: Vec<WarningView>,
}

/// Users by type.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PeopleView {
    pub members_enabled: u32,
    pub members_disabled: u32,
    pub guests_enabled: u32,
    pub guests_disabled: u32,
}

/// Something worth a look: `31 users` and `have no mail address.`
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WarningView {
    /// The list that shows them.
    pub list: ListId,
    pub count: u32,
    /// `31 users`.
    pub who: String,
    /// The rest of the sentence.
    pub says: String,
}

/// The lists of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ListId {
    Changes,
    People,
    Groups,
    WithoutMail,
    Guests,
    Disabled,
    PeopleSharingAName,
    GroupsSharingAName,
    HiddenGroups,
    UnknownMembers,
}

/// Which lines of a list.
#[derive(Clone, Copy, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ListForm {
    pub list: ListId,
    /// Pages have 200 lines; the first is 0.
    pub page: u32,
    /// Names in full, where they would be masked.
    pub reveal: bool,
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ListPage {
    /// Names of people are masked.
    pub masked: bool,
    pub rows: Vec<ListRow>,
}

/// One line of a list.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ListRow {
    Person {
        id: String,
        name: Option<String>,
        sign_in: Option<String>,
        mail: Option<String>,
        enabled: bool,
        guest: bool,
    },
    Group {
        id: String,
        name: Option<String>,
        mail: Option<String>,
        members: u32,
        hidden: bool,
    },
    Change {
        id: String,
        of: ChangeOf,
        word: ChangeWord,
        name: Option<String>,
        group: Option<String>,
    },
    /// A member that came with its ID alone.
    Unknown {
        id: String,
        group: String,
        groups: u32,
    },
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeOf {
    User,
    Group,
    Membership,
}

/// How it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeWord {
    Added,
    Updated,
    Disabled,
    Enabled,
    Removed,
}
