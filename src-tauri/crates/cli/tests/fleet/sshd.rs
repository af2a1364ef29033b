//! One real `sshd` on a loopback port of its own.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::given::{Gateway, missing, write};

/// A running `sshd` that takes one user key. It ends when it is dropped.
pub(crate) struct Sshd {
    process: Child,
    pub(crate) port: u16,
}

impl Sshd {
    /// Starts one with the gateway's host key, and with a folder of programs of its own.
    pub(crate) fn start(gateway: &Gateway, programs: &Path, authorized_keys: &Path, folder: &Path) -> Self {
        let program = || Command::new("/usr/sbin/sshd");
        Self::start_as(program, gateway, programs, authorized_keys, folder)
    }

    /// The same on a host whose `/etc` is this folder. Only root can give it one.
    pub(crate) fn start_with_etc(
        etc: &Path,
        gateway: &Gateway,
        programs: &Path,
        authorized_keys: &Path,
        folder: &Path,
    ) -> Self {
        let program = || {
            let mut program = Command::new("unshare");
            let work = "mount --bind \"$0\" /etc && exec /usr/sbin/sshd \"$@\"";
            program.args(["--mount", "sh", "-c", work]).arg(etc);
            program
        };
        Self::start_as(program, gateway, programs, authorized_keys, folder)
    }

    /// A port that somebody else took meanwhile is given up for another.
    fn start_as(
        program: impl Fn() -> Command,
        gateway: &Gateway,
        programs: &Path,
        authorized_keys: &Path,
        folder: &Path,
    ) -> Self {
        let separation = Path::new("/run/sshd");
        if !separation.exists() {
            fs::create_dir_all(separation).ok();
        }
        for _ in 0..20 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let config = folder.join(format!("{}.sshd_config", gateway.name));
            write(&config, configuration(gateway, programs, authorized_keys, port), 0o600);
            let mut program = program();
            let mut process = program
                .args(["-D", "-e", "-f"])
                .arg(&config)
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap_or_else(|error| missing(program.get_program(), &error));
            let mut said = String::new();
            let mut log = BufReader::new(process.stderr.take().unwrap());
            while log.read_line(&mut said).unwrap() > 0 {
                if said.contains("Server listening on 127.0.0.1") {
                    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
                    return Self { process, port };
                }
            }
            process.wait().unwrap();
            assert!(said.contains("Address already in use"), "sshd did not start: {said}");
        }
        panic!("no port was free");
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn configuration(gateway: &Gateway, programs: &Path, authorized_keys: &Path, port: u16) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("ListenAddress", format!("127.0.0.1:{port}")),
        ("HostKey", gateway.key_file.display().to_string()),
        ("AuthorizedKeysFile", authorized_keys.display().to_string()),
        ("PidFile", "none".to_owned()),
        ("UsePAM", "no".to_owned()),
        ("StrictModes", "no".to_owned()),
        ("PasswordAuthentication", "no".to_owned()),
        ("KbdInteractiveAuthentication", "no".to_owned()),
        ("PermitRootLogin", "prohibit-password".to_owned()),
        ("SetEnv", format!("PATH=\"{}:/usr/bin:/bin\"", programs.display())),
        ("PerSourceMaxStartups", "none".to_owned()),
        ("Subsystem", "sftp internal-sftp".to_owned()),
    ] {
        let _ = writeln!(text, "{name} {value}");
    }
    text
}
