//! The journey through the real window: the built program in a desktop session of its own, driven by WebDriver.
//!
//! `GATEHOUSE_DESKTOP` names another program than the one beside these tests. Pictures of every screen are left in
//! `tests/artifacts/window`.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "window/desktop.rs"]
mod desktop;
#[path = "window/screen.rs"]
mod screen;

use std::{fs, path::Path, time::Duration};

use bundle::GatewayConfig;
use desktop::{Desktop, Theme};
use screen::Screen;

/// The whole journey takes some seconds; a slow machine gets this long.
const LONGEST: Duration = Duration::from_secs(300);

#[tokio::test]
async fn the_journey_on_a_light_desktop() {
    tokio::time::timeout(LONGEST, the_journey(Theme::Light)).await.unwrap();
}

#[tokio::test]
async fn the_journey_on_a_dark_desktop() {
    tokio::time::timeout(LONGEST, the_journey(Theme::Dark)).await.unwrap();
}

async fn the_journey(theme: Theme) {
    let desktop = Desktop::start(theme).await;
    let screen = Screen::open(&desktop).await;
    let target = desktop.folder().join("gateway");

    screen.heading("Prove it before you hand it over").await;
    assert_eq!(screen.theme().await, theme.name());
    screen.picture("00-home").await;
    let practice = from_home_to_step_1(&screen).await;
    set_up(&screen, &practice).await;
    prove(&screen).await;
    hand_over(&screen, &target).await;
    screen.close().await;

    let config = GatewayConfig::from_json(&fs::read(target.join("gateway.json")).unwrap()).unwrap();
    assert!(config.practice);
    assert_eq!(config.tenant_id.to_string(), practice.tenant_id);
    assert_eq!(config.client_id.to_string(), practice.client_id);
    assert_eq!(config.sequence, 1);
    assert!(target.join("gateway.env").is_file());

    let keychain = desktop.secrets().await;
    assert!(keychain.contains(&practice.secret), "the keychain does not hold the secret");
    let (searched, holding) = files_holding(desktop.folder(), &practice.secret);
    assert!(searched > 5, "only {searched} files were searched");
    assert!(holding.is_empty(), "the secret is in {holding:?}");
}

/// What the practice portal shows.
struct PracticeValues {
    tenant_id: String,
    client_id: String,
    secret: String,
}

async fn from_home_to_step_1(screen: &Screen) -> PracticeValues {
    screen.press("Start practice").await;
    screen.heading("Practice tenant").await;
    let value = async |label: &str| {
        screen.text(&format!("//dt[normalize-space(.)='{label}']/following-sibling::dd[1]")).await
    };
    let values = PracticeValues {
        tenant_id: value("Directory (tenant) ID").await,
        client_id: value("Application (client) ID").await,
        secret: value("Value").await,
    };
    screen.picture("00-practice").await;
    screen.press("Start the ten steps").await;
    screen.heading("Prepare").await;
    values
}

async fn set_up(screen: &Screen, practice: &PracticeValues) {
    screen.proven("Network").await;
    screen.picture("01-prepare").await;

    screen.go_on("App registration").await;
    screen.fill("tenant", &practice.tenant_id).await;
    screen.fill("clientId", &practice.client_id).await;
    screen.fill("name", "Print servers").await;
    screen.leave_field().await;
    screen.proven("Tenant").await;
    screen.picture("02-registration").await;

    screen.go_on("Credential").await;
    screen.press("Client secret").await;
    screen.fill("secret", &practice.secret).await;
    screen.press_at("//label[normalize-space(.)='I do not know it']/input").await;
    screen.press("Save and try it").await;
    screen.see("//*[contains(., 'Secret kept in Secret Service')]").await;
    screen.proven("Credential").await;
    screen.picture("03-credential").await;

    screen.go_on("Permissions").await;
    screen.picture("04-permissions").await;
    screen.go_on("Admin consent").await;
    screen.proven("Consent").await;
    screen.picture("05-consent").await;
    screen.go_on("Public client flows").await;
    screen.picture("06-public-client").await;
}

async fn prove(screen: &Screen) {
    screen.go_on("Test token").await;
    screen.proven("Token").await;
    screen.see("//*[normalize-space(.)='What is in the token']").await;
    screen.picture("07-token").await;

    screen.go_on("Test sync").await;
    screen.press("Start the test sync").await;
    screen.see("//*[@aria-label='Result']//*[normalize-space(.)='The directory was read to the end']").await;
    screen.picture("08-sync").await;
}

async fn hand_over(screen: &Screen, target: &Path) {
    screen.go_on("Gateway access").await;
    screen.fill("group-search", "Print – Administrators").await;
    screen.press_at("//*[@role='option'][contains(., 'Print – Administrators')]").await;
    screen.see("//select[@aria-label='Role for Print – Administrators']").await;
    screen.picture("09-access").await;

    screen.go_on("Write the config").await;
    screen.fill("folder", &target.to_string_lossy()).await;
    screen.press("Write").await;
    screen.see("//*[contains(., 'files written, and each one read back')]").await;
    screen.proven("Gateway").await;
    screen.picture("10-write").await;
    screen.press("Finish").await;
    screen.heading("Home").await;
    screen.picture("11-home").await;
}

/// How many files are below a folder, and those that hold a text in UTF-8 or UTF-16.
fn files_holding(folder: &Path, text: &str) -> (usize, Vec<String>) {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (mut searched, mut holding, mut folders) = (0, Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let content = fs::read(entry.path()).unwrap();
                searched += 1;
                if [text.as_bytes(), &wide].iter().any(|needle| contains(&content, needle)) {
                    holding.push(entry.path().display().to_string());
                }
            }
        }
    }
    (searched, holding)
}

fn contains(content: &[u8], needle: &[u8]) -> bool {
    content.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_secret_in_a_file_is_found_in_both_encodings() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let wide: Vec<u8> = "sécret".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content) in [("a", "x sécret y".as_bytes()), ("b", &wide), ("c", b"nothing")] {
        let mut file = fs::File::create(inner.join(name)).unwrap();
        std::io::Write::write_all(&mut file, content).unwrap();
    }
    let (searched, mut holding) = files_holding(folder.path(), "sécret");
    holding.sort();
    assert_eq!(searched, 3);
    assert!(matches!(&holding[..], [a, b] if a.ends_with("/a") && b.ends_with("/b")), "{holding:?}");
}
