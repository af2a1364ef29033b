use std::path::Path;

use engine::gateways::{OpeningCommands, SealOutlook, Sealed};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::small;
use crate::wire::{LeftOutView, OpeningWay, SealOutlookView, SealedFileView};

impl SealOutlookView {
    pub(crate) fn of(outlook: &SealOutlook) -> Self {
        Self {
            ends_on: outlook.ends_at.map(|end| last_day(end).to_string()),
            with_credential: outlook.with_credential,
            unproven: outlook.unproven.clone(),
        }
    }
}

/// The day of the last second before an end.
fn last_day(end: Timestamp) -> Date {
    (end - SignedDuration::from_secs(1)).to_zoned(TimeZone::UTC).date()
}

impl SealedFileView {
    pub(crate) fn all(sealed: &Sealed) -> Vec<Self> {
        let files = sealed.files.iter().map(|file| Self {
            gateway: file.gateway.to_string(),
            name: name(&file.path),
            sha256: file.sha256.clone(),
            bytes: small(file.bytes),
            sequence: small(file.sequence),
            ends_at: file.ends_at.to_string(),
        });
        files.collect()
    }
}

impl LeftOutView {
    pub(crate) fn all(sealed: &Sealed) -> Vec<Self> {
        let left_out = sealed.left_out.iter();
        left_out.map(|one| Self { gateway: one.gateway.to_string(), because: one.because.clone() }).collect()
    }
}

/// What was written besides the bundles, by name.
pub(crate) fn beside(sealed: &Sealed) -> Vec<String> {
    let fixed = [&sealed.allowed_signers, &sealed.instructions];
    fixed.into_iter().chain(&sealed.fleet).map(|path| name(path)).collect()
}

impl OpeningWay {
    pub(crate) fn all(commands: &OpeningCommands, with_ansible: bool) -> Vec<Self> {
        let way = |id: &str, title: &str, needs: &str, open: &str, receipt: &str| Self {
            id: id.to_owned(),
            title: title.to_owned(),
            needs: needs.to_owned(),
            open: open.to_owned(),
            receipt: receipt.to_owned(),
        };
        let mut ways = vec![
            way(
                "gatehouse",
                "With Gatehouse",
                "As root, where `gatehouse` is installed on the gateway.",
                &commands.with_gatehouse,
                &commands.receipt_with_gatehouse,
            ),
            way(
                "stock",
                "Stock tools",
                "As root, with age 1.0, tar, OpenSSH 8.2 and sha256sum or later. Nothing of ours is needed.",
                &commands.with_stock_tools,
                &commands.receipt_with_stock_tools,
            ),
            way(
                "windows",
                "Windows",
                "As an administrator, where `gatehouse` is installed on the gateway. OPEN.txt has the commands for age, and the tar and OpenSSH of Windows.",
                &commands.on_windows,
                &commands.receipt_on_windows,
            ),
        ];
        if with_ansible {
            ways.push(way(
                "ansible",
                "Ansible",
                "In the folder of the bundles, on the computer that Ansible runs on. It opens each bundle on its own gateway, and brings the receipts back into `receipts`.",
                "ansible-playbook gatehouse.yml",
                "",
            ));
        }
        ways
    }
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
