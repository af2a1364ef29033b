//! A service and a timer of systemd, for the account's own manager (`systemctl --user`), which reaches its keychain.

use super::{ARGUMENTS, LIMIT_HOURS, Unattended};

/// Name of the service's file.
pub const SERVICE: &str = "gatehouse-check.service";
/// Name of the timer's file.
pub const TIMER: &str = "gatehouse-check.timer";

/// `gatehouse-check.service`. Its state is *failed* when anything is broken, could not be checked, or needs attention,
/// so `systemctl --user --failed` and `OnFailure=` tell it.
pub fn service_unit(check: &Unattended) -> String {
    let home = match &check.home {
        Some(home) => format!("Environment={}\n", quoted(&format!("GATEHOUSE_HOME={}", home.display()))),
        None => String::new(),
    };
    let program = quoted(&check.program.display().to_string()).replace('$', "$$");
    format!(
        "\
[Unit]
Description=Gatehouse: every link to Entra ID, checked

[Service]
Type=oneshot
ExecStart={program} {arguments}
{home}TimeoutStartSec={LIMIT_HOURS}h
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
",
        arguments = ARGUMENTS.join(" "),
    )
}

/// `gatehouse-check.timer`: once a day, some time within an hour, and caught up with after the computer was off.
pub fn timer_unit() -> String {
    "\
[Unit]
Description=Gatehouse: a check each day

[Timer]
OnCalendar=daily
RandomizedDelaySec=1h
Persistent=true

[Install]
WantedBy=timers.target
"
    .to_owned()
}

/// A word as systemd reads it (systemd.syntax(7), "Quoting"), with specifiers taken literally.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}
