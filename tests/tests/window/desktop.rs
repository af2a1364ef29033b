//! A desktop session of its own: display, session bus, unlocked keyring and WebDriver, all in one temporary folder.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{net::TcpStream, time::timeout};

/// How long a program of the session may take to be ready.
const READY: Duration = Duration::from_secs(30);
/// Between two looks at something that gives no sign of its own.
const PAUSE: Duration = Duration::from_millis(50);

/// What the desktop asks its programs to look like.
#[derive(Clone, Copy)]
pub(crate) enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The session. Its programs end, and its folder goes, when it is dropped.
pub(crate) struct Desktop {
    pub(crate) theme: Theme,
    port: u16,
    environment: Vec<(&'static str, OsString)>,
    // Fields are dropped in this order: the driver and its window first, the display last, then the folder.
    _driver: Running,
    _keyring: Running,
    _bus: Running,
    _display: Running,
    folder: TempDir,
}

impl Desktop {
    pub(crate) async fn start(theme: Theme) -> Self {
        let folder = tempfile::Builder::new().prefix("gatehouse-desktop-").tempdir().unwrap();
        let mut environment = own_folders(folder.path());
        write_theme(folder.path(), theme);

        let (display, number) = Running::first_line(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"])
                .envs(environment.clone()),
        )
        .await;
        environment.push(("DISPLAY", format!(":{number}").into()));

        let (bus, address) = Running::first_line(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
                .arg(format!("--address=unix:path={}", folder.path().join("bus").display()))
                .envs(environment.clone()),
        )
        .await;
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));

        let keyring = unlocked_keyring(&environment).await;
        let (driver, port) = driver(&environment).await;
        Self {
            theme,
            port,
            environment,
            _driver: driver,
            _keyring: keyring,
            _bus: bus,
            _display: display,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the driver listens.
    pub(crate) fn driver(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that Gatehouse keeps in the keyring, as `secret-tool` shows it.
    pub(crate) async fn secrets(&self) -> String {
        let mut search = Command::new("secret-tool");
        search.args(["search", "--all", "--unlock", "service", "Gatehouse"]).envs(self.environment.clone());
        output(search).await
    }
}

/// Folders of the person at this desktop, and switches that keep other services of a desktop away.
fn own_folders(folder: &Path) -> Vec<(&'static str, OsString)> {
    let mut environment: Vec<(&'static str, OsString)> = [
        ("HOME", "person"),
        ("XDG_RUNTIME_DIR", "runtime"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("GATEHOUSE_HOME", "gatehouse"),
    ]
    .map(|(name, inner)| {
        let path = folder.join(inner);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        (name, path.into_os_string())
    })
    .into();
    for (name, value) in [("NO_AT_BRIDGE", "1"), ("GIO_USE_VFS", "local"), ("GSETTINGS_BACKEND", "memory")] {
        environment.push((name, value.into()));
    }
    environment
}

fn write_theme(folder: &Path, theme: Theme) {
    let settings = folder.join("config").join("gtk-3.0");
    fs::create_dir(&settings).unwrap();
    let dark = matches!(theme, Theme::Dark);
    let mut file = fs::File::create(settings.join("settings.ini")).unwrap();
    writeln!(file, "[Settings]\ngtk-application-prefer-dark-theme={dark}").unwrap();
}

async fn unlocked_keyring(environment: &[(&'static str, OsString)]) -> Running {
    let mut keyring = Running::start(
        Command::new("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets", "--foreground"])
            .envs(environment.to_vec())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    );
    keyring.0.stdin.take().unwrap().write_all(b"practice").unwrap();
    timeout(READY, async {
        loop {
            let mut owner = Command::new("dbus-send");
            owner
                .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
                .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
                .envs(environment.to_vec());
            if output(owner).await.contains("boolean true") {
                break;
            }
            keyring.still_runs("the keyring");
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await
    .unwrap();
    keyring
}

async fn driver(environment: &[(&'static str, OsString)]) -> (Running, u16) {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let mut driver = Running::start(
        Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .envs(environment.to_vec())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null()),
    );
    timeout(READY, async {
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            driver.still_runs("WebKitWebDriver");
            tokio::time::sleep(PAUSE).await;
        }
    })
    .await
    .unwrap();
    (driver, port)
}

async fn output(command: Command) -> String {
    let output = timeout(READY, tokio::process::Command::from(command).output()).await.unwrap().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program in a process group of its own, which ends with everything that it started.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_owned();
        Self(command.process_group(0).spawn().unwrap_or_else(|error| panic!("{}: {error}", name.display())))
    }

    /// Starts a program that says on its first line where it can be found.
    async fn first_line(command: &mut Command) -> (Self, String) {
        let mut running =
            Self::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut output = BufReader::new(running.0.stdout.take().unwrap());
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            output.read_line(&mut line).map(|_| line)
        });
        let line = timeout(READY, line).await.unwrap().unwrap().unwrap();
        assert!(!line.trim().is_empty(), "{} ended at once", command.get_program().display());
        (running, line.trim().to_owned())
    }

    fn still_runs(&mut self, name: &str) {
        assert!(self.0.try_wait().unwrap().is_none(), "{name} ended at once");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.0);
        let _ended_by_itself =
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL).is_err();
        drop(self.0.wait());
    }
}

/// The built window: beside the tests, unless `GATEHOUSE_DESKTOP` names it.
pub(crate) fn program() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever runs the test by hand")]
    let named = std::env::var_os("GATEHOUSE_DESKTOP").map(PathBuf::from);
    let beside = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("gatehouse-desktop");
    let program = named.unwrap_or(beside);
    assert!(
        program.is_file(),
        "{} is missing: cargo build --package gatehouse-desktop --features custom-protocol",
        program.display()
    );
    program
}
