//! The whole command surface: parse, call, convert.

use tauri::State;

use crate::{
    desk::Desk,
    dialogs,
    wire::{
        AccessForm, AdministratorsView, CertificateForm, CertificateImportForm, CredentialTryView,
        ExplanationView, FieldId, FieldVerdict, ForecastView, GatewayForm, GatewaysChange, GatewaysView,
        GroupAccess, GroupHit, HistoryView, HomeView, JourneyView, KeysForm, KeysPreview, LinkId, ListForm,
        ListPage, PageLink, PasteView, PermissionsForm, PersonAccess, PracticeConsent, PrepareForm, Problem,
        ReceiptsView, RegistrationForm, ReportForm, RotationTrialView, RotationView, SealForm,
        SealOutlookView, SealedView, SecretForm, SettingsForm, SettingsView, StepId, SyncForget, SyncForm,
        SyncSummary, TableForm, TablePreviewView, WriteForm,
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
    settings() -> SettingsView;
    save_settings(form: SettingsForm) -> SettingsView;
    remove_connection(connection: String) -> HomeView;
    go_to_step(connection: String, step: StepId) -> JourneyView;
    judge_field(connection: String, field: FieldId, text: String) -> FieldVerdict;
    read_paste(text: String) -> PasteView;
    save_prepare(connection: String, form: PrepareForm) -> JourneyView;
    save_registration(connection: String, form: RegistrationForm) -> JourneyView;
    save_secret(connection: String, form: SecretForm) -> JourneyView;
    make_certificate(connection: String, form: CertificateForm) -> JourneyView;
    import_certificate(connection: String, form: CertificateImportForm) -> JourneyView;
    try_credential(connection: String) -> CredentialTryView;
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
    gateways(connection: String) -> GatewaysView;
    save_gateway(connection: String, form: GatewayForm) -> GatewaysChange;
    remove_gateways(connection: String, gateways: Vec<String>) -> GatewaysView;
    preview_keys(connection: String, form: KeysForm) -> KeysPreview;
    give_keys(connection: String, form: KeysForm) -> GatewaysChange;
    preview_table(connection: String, table: String) -> TablePreviewView;
    import_table(connection: String, form: TableForm) -> GatewaysChange;
    seal_outlook(connection: String) -> SealOutlookView;
    seal_bundles(connection: String, form: SealForm) -> SealedView;
    open_bundles_folder(connection: String) -> ();
    rotation(connection: String) -> RotationView;
    rotate_to_secret(connection: String, form: SecretForm) -> RotationView;
    rotate_to_new_certificate(connection: String, form: CertificateForm) -> RotationView;
    rotate_to_imported_certificate(connection: String, form: CertificateImportForm) -> RotationView;
    prove_rotation(connection: String) -> RotationTrialView;
    except_gateways(connection: String, gateways: Vec<String>) -> RotationView;
    look_for_old_credential(connection: String) -> RotationView;
    finish_rotation(connection: String) -> RotationView;
    abandon_rotation(connection: String) -> RotationView;
    go_back_unproven(connection: String) -> RotationView;
    gateways_are_whole(connection: String, listed: String) -> RotationView;
    receive_receipts(connection: String, text: String) -> ReceiptsView;
    page_address(connection: String, page: PageLink) -> String;
    open_page(connection: String, page: PageLink) -> ();
}

/// The platform's own dialog for folders.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_folder(start: String) -> Answer<Option<String>> {
    Ok(dialogs::folder(&start).await)
}

/// Begins the time after which a pasted secret is taken from the clipboard, if it is still there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn secret_pasted(desk: State<'_, Desk>, secret: String) -> Answer<()> {
    desk.secret_pasted(secret.into()).await
}

/// The platform's own dialog for a certificate file to import.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_certificate_file() -> Answer<Option<String>> {
    let title = "Choose the certificate with its key";
    Ok(dialogs::file(title, "Certificates", &["pfx", "p12", "pem"]).await)
}

/// The platform's own dialog for the new file that a private key is kept in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_key_file() -> Answer<Option<String>> {
    let chosen = dialogs::new_file("Name the file for the private key", "gatehouse-key.pem").await;
    Ok(chosen.map(|path| path.to_string_lossy().into_owned()))
}

/// Saves the certificate's public half where the platform's own dialog says. Answers the file, if one was named.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_public_part(desk: State<'_, Desk>, connection: String) -> Answer<Option<String>> {
    let name = desk.public_part_name(&connection)?;
    let Some(path) = dialogs::new_file("Save the public part", &name).await else { return Ok(None) };
    desk.save_public_part(&connection, &path)?;
    Ok(Some(path.to_string_lossy().into_owned()))
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

/// The text of files with public keys that the platform's own dialog names; nothing when it was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_key_files(desk: State<'_, Desk>) -> Answer<Option<String>> {
    let chosen = dialogs::files("Choose files with public keys", None).await;
    chosen.map(|files| desk.read_key_files(&files)).transpose()
}

/// The text of a table that the platform's own dialog names; nothing when it was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_table_file(desk: State<'_, Desk>) -> Answer<Option<String>> {
    let title = "Choose the list of gateways";
    let chosen = dialogs::file(title, "Tables", &["csv", "tsv", "txt"]).await;
    chosen.map(|file| desk.read_table_file(file.as_ref())).transpose()
}

/// Saves the list of gateways where the platform's own dialog says. Answers the file, or nothing when the dialog was
/// closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_gateway_table(desk: State<'_, Desk>, connection: String) -> Answer<Option<String>> {
    let name = desk.table_name(&connection)?;
    let Some(path) = dialogs::new_file("Save the list of gateways", &name).await else { return Ok(None) };
    desk.save_table(&connection, &path)?;
    Ok(Some(path.to_string_lossy().into_owned()))
}

/// The platform's own dialog for the OpenSSH key that signs bundles.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_signing_key() -> Answer<Option<String>> {
    let chosen = dialogs::files("Choose the key that signs", None).await;
    Ok(chosen.and_then(|files| files.first().map(|file| file.to_string_lossy().into_owned())))
}

/// Takes the receipts in files that the platform's own dialog names; nothing when it was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_receipts(
    desk: State<'_, Desk>,
    connection: String,
) -> Answer<Option<ReceiptsView>> {
    let chosen = dialogs::files("Choose receipts", Some(("Receipts", &["receipt"]))).await;
    chosen.map(|files| desk.receive_files(&connection, &files)).transpose()
}

/// Takes the receipts in a folder that the platform's own dialog names; nothing when it was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_receipt_folder(
    desk: State<'_, Desk>,
    connection: String,
) -> Answer<Option<ReceiptsView>> {
    let chosen = dialogs::folder_of("Choose the folder with the receipts", "").await;
    chosen.map(|folder| desk.receive_folder(&connection, folder.as_ref())).transpose()
}

/// Saves the public half of a rotation's new certificate where the platform's own dialog says. Answers the file, or
/// nothing when the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_new_public_part(
    desk: State<'_, Desk>,
    connection: String,
) -> Answer<Option<String>> {
    let name = desk.public_part_name(&connection)?;
    let Some(path) = dialogs::new_file("Save the public part", &name).await else { return Ok(None) };
    desk.save_new_public_part(&connection, &path)?;
    Ok(Some(path.to_string_lossy().into_owned()))
}

/// Saves the end of the credential as a calendar file where the platform's own dialog says. Answers the file, or nothing
/// when the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_calendar(desk: State<'_, Desk>, connection: String) -> Answer<Option<String>> {
    let name = desk.calendar_name(&connection)?;
    let Some(path) = dialogs::new_file("Save the calendar file", &name).await else { return Ok(None) };
    desk.save_calendar(&connection, &path)?;
    Ok(Some(path.to_string_lossy().into_owned()))
}
