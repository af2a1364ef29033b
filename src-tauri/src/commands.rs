//! The whole command surface: parse, call, convert.

use tauri::State;

use crate::{
    desk::Desk,
    dialogs,
    wire::{
        AccessForm, AdministratorsView, ExplanationView, FieldId, FieldVerdict, ForecastView, GroupAccess,
        GroupHit, HistoryView, HomeView, JourneyView, LinkId, ListForm, ListPage, PageLink, PasteView,
        PermissionsForm, PersonAccess, PracticeConsent, PrepareForm, Problem, RegistrationForm, ReportForm,
        SecretForm, StepId, SyncForget, SyncForm, SyncSummary, WriteForm,
    },
};

type Answer<T> = Result<T, Problem>;

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => { $(
        $(#[$doc])*
        #[tauri::command]
        #[specta::specta]
        pub(crate) async fn $name(desk: State<'_, Desk>, $($argument: $kind),*) -> Answer<$answer> {
            desk.$name($($argument),*).await
        }
    )* };
}

commands! {
    home() -> HomeView;
    start_practice() -> HomeView;
    set_practice_scenario(scenario: String) -> HomeView;
    answer_practice_consent(answer: PracticeConsent) -> HomeView;
    rehearse(scenario: String) -> JourneyView;
    create_connection(practice: bool) -> JourneyView;
    journey(connection: String) -> JourneyView;
    history(connection: String) -> HistoryView;
    read_report(connection: String, form: ReportForm) -> String;
    explain(text: String) -> ExplanationView;
    remove_connection(connection: String) -> HomeView;
    go_to_step(connection: String, step: StepId) -> JourneyView;
    judge_field(connection: String, field: FieldId, text: String) -> FieldVerdict;
    read_paste(text: String) -> PasteView;
    save_prepare(connection: String, form: PrepareForm) -> JourneyView;
    save_registration(connection: String, form: RegistrationForm) -> JourneyView;
    save_secret(connection: String, form: SecretForm) -> JourneyView;
    save_permissions(connection: String, form: PermissionsForm) -> JourneyView;
    save_access(connection: String, form: AccessForm) -> JourneyView;
    check(connection: String, through: LinkId) -> JourneyView;
    wait_for_consent(connection: String) -> JourneyView;
    test_sync(connection: String, form: SyncForm) -> JourneyView;
    forecast_sync(connection: String) -> ForecastView;
    restart_sync(connection: String, forget: SyncForget) -> JourneyView;
    sync_summary(connection: String) -> SyncSummary;
    read_list(connection: String, form: ListForm) -> ListPage;
    pause_sync(connection: String) -> ();
    resume_sync(connection: String) -> ();
    cancel(connection: String) -> ();
    search_groups(connection: String, query: String) -> Vec<GroupHit>;
    access_of_group(connection: String, group_id: String) -> GroupAccess;
    access_of_person(connection: String, query: String) -> Option<PersonAccess>;
    administrators(connection: String, reveal: bool) -> AdministratorsView;
    write_config(connection: String, form: WriteForm) -> JourneyView;
    open_written_folder(connection: String) -> ();
    page_address(connection: String, page: PageLink) -> String;
    open_page(connection: String, page: PageLink) -> ();
}

/// The platform's own dialog for folders.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_folder(start: String) -> Answer<Option<String>> {
    Ok(dialogs::folder(&start).await)
}

/// Saves the report where the platform's own dialog says. Answers the file, or nothing when the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_report(
    desk: State<'_, Desk>,
    connection: String,
    form: ReportForm,
) -> Answer<Option<String>> {
    let name = desk.report_name(&connection, form.format)?;
    let Some(path) = dialogs::new_file("Save the report", &name).await else { return Ok(None) };
    desk.save_report(connection, form, &path).await?;
    Ok(Some(path.to_string_lossy().into_owned()))
}
