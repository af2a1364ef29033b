use std::{fs, io, path::Path};

use bundle::{
    AllowedSigners, BundleContent, BundleFile, ConnectionIds, Expectations, FileMode, GatewayKey,
    GatewayName, MemberName, OpenedBundle, SigningKey,
};
use secrecy::SecretSlice;
use uuid::Uuid;

use super::*;

fn key() -> GatewayKey {
    GatewayKey::from_text(&include_str!("../../../../bundle/tests/sealed/keys/ed25519").into()).unwrap()
}

/// A bundle with this number, opened.
fn bundle(sequence: u64) -> OpenedBundle {
    let (sealed, signers) = sealed(sequence);
    let now = "2026-11-21T08:00:00Z".parse().unwrap();
    bundle::open(&sealed, &key(), &Expectations { signers: &signers, gateway: None, installed: None, now })
        .unwrap()
}

fn sealed(sequence: u64) -> (Vec<u8>, AllowedSigners) {
    let signer = SigningKey::from_seed(&[7; 32]);
    let content = BundleContent {
        gateway: GatewayName::new("plant-3").unwrap(),
        practice: true,
        connection: ConnectionIds {
            name: "Contoso".to_owned(),
            tenant_id: Uuid::from_u128(1),
            client_id: Uuid::from_u128(2),
        },
        credential_id: "key".to_owned(),
        sequence,
        created_at: "2026-11-20T14:34:00Z".parse().unwrap(),
        ends_at: "2027-05-19T00:00:00Z".parse().unwrap(),
        files: ["a", "deep/er/b"]
            .map(|name| BundleFile {
                name: MemberName::new(name).unwrap(),
                mode: FileMode::Private,
                content: SecretSlice::from(format!("{name} {sequence}").into_bytes()),
            })
            .into(),
    };
    let signers = AllowedSigners::from(signer.verifying_key());
    (bundle::seal(&content, key().recipient(), &signer).unwrap(), signers)
}

type Step = fn(&LockedFolder, &OpenedBundle) -> io::Result<()>;

/// Everything between two steps of which a program can be killed.
const STEPS: [Step; 5] = [
    |folder, bundle| folder.write_draft(bundle).map(drop),
    |folder, bundle| folder.place_draft(bundle.manifest().sequence).map(drop),
    |folder, _| match Pointer::Current.read(&folder.root)? {
        Some(current) => Pointer::Previous.set(&folder.root, &current),
        None => Ok(()),
    },
    |folder, bundle| folder.switch(&bundle.manifest().sequence.to_string(), Over::Another),
    |folder, _| folder.sweep().map(|left| assert!(left.is_empty())),
];

fn install(root: &Path, bundle: &OpenedBundle) {
    let folder = LockedFolder::take(root).unwrap();
    folder.write_draft(bundle).unwrap();
    let name = folder.place_draft(bundle.manifest().sequence).unwrap();
    folder.switch(&name, Over::Another).unwrap();
    folder.sweep().unwrap();
}

/// The number of what a pointer names; it is whole.
fn whole(root: &Path, pointer: Pointer) -> Option<u64> {
    let installed = installed(root, pointer).unwrap()?;
    assert_eq!(release::altered(&installed.folder, &installed.manifest), None);
    Some(installed.manifest.sequence)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn whichever_step_is_the_last_one_current_is_whole_and_the_next_one_goes_on() {
    for had in [None, Some(6)] {
        for done in 0..=STEPS.len() {
            let home = tempfile::tempdir().unwrap();
            let root = home.path().join("to");
            had.into_iter().for_each(|number| install(&root, &bundle(number)));
            let seven = bundle(7);
            {
                let folder = LockedFolder::take(&root).unwrap();
                STEPS[..done].iter().for_each(|step| step(&folder, &seven).unwrap());
            }
            let expected = if done >= 4 { Some(7) } else { had };
            assert_eq!(whole(&root, Pointer::Current), expected, "{had:?} {done}");

            install(&root, &bundle(8));
            assert_eq!(whole(&root, Pointer::Current), Some(8), "{had:?} {done}");
            assert_eq!(whole(&root, Pointer::Previous), expected, "{had:?} {done}");
            let kept: Vec<String> =
                expected.into_iter().chain([8]).map(|number| number.to_string()).collect();
            assert_eq!(names(&root.join(RELEASES)), kept, "{had:?} {done}");
        }
    }
}

#[test]
fn half_a_draft_is_in_nobodys_way() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("to");
    install(&root, &bundle(6));
    {
        let folder = LockedFolder::take(&root).unwrap();
        let draft = folder.write_draft(&bundle(7)).unwrap();
        fs::remove_file(draft.join("manifest.json")).unwrap();
        fs::remove_file(draft.join("deep/er/b")).unwrap();
    }
    assert_eq!(whole(&root, Pointer::Current), Some(6));
    install(&root, &bundle(7));
    assert_eq!((whole(&root, Pointer::Current), whole(&root, Pointer::Previous)), (Some(7), Some(6)));
}

#[test]
fn what_somebody_else_keeps_there_stays() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("to");
    install(&root, &bundle(6));
    fs::create_dir(root.join(RELEASES).join("mine")).unwrap();
    fs::File::create(root.join(RELEASES).join("5")).unwrap();
    install(&root, &bundle(7));
    install(&root, &bundle(8));
    assert_eq!(names(&root.join(RELEASES)), ["5", "7", "8", "mine"]);
}

#[test]
fn a_file_that_became_a_link_is_altered() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("to");
    install(&root, &bundle(6));
    let installed = installed(&root, Pointer::Current).unwrap().unwrap();
    let place = installed.folder.join("a");
    fs::rename(&place, home.path().join("same")).unwrap();
    assert_eq!(release::altered(&installed.folder, &installed.manifest).as_deref(), Some("a"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(home.path().join("same"), &place).unwrap();
        assert_eq!(release::altered(&installed.folder, &installed.manifest).as_deref(), Some("a"));
    }
}

#[test]
fn the_receipt_after_going_back_is_newer_than_the_one_before() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("to");
    install(&root, &bundle(6));
    install(&root, &bundle(7));
    let key = key();
    let at = |time: &str| time.parse::<jiff::Timestamp>().unwrap();
    let told = |now| {
        let receipt = crate::on_gateway::receipt(&root, &key, now).unwrap();
        let receipt = bundle::verify_receipt(&receipt, key.recipient()).unwrap();
        (receipt.bundle_sequence, receipt.opened_at, receipt.self_test)
    };
    crate::on_gateway::roll_back(&root, at("2026-11-21T09:30:00Z")).unwrap();
    let back = (6, at("2026-11-21T09:30:00Z"), bundle::SelfTest::NotRun);
    assert_eq!(told(at("2026-11-21T12:00:00Z")), back);
}

/// A minute goes by whenever somebody looks.
#[derive(Debug, Default)]
struct Hasty(std::sync::atomic::AtomicI64);

impl crate::clock::Clock for Hasty {
    fn now(&self) -> jiff::Timestamp {
        let minutes = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        jiff::Timestamp::from_second(1_795_248_000 + 60 * minutes).unwrap()
    }
}

#[tokio::test]
async fn the_receipt_of_opening_and_the_one_that_is_made_later_tell_one_moment() {
    use crate::on_gateway::{OpenRequest, PracticeBundles, SealedFile, TestPlan, Trust, open, receipt};
    let home = tempfile::tempdir().unwrap();
    let (bytes, signers) = sealed(7);
    let sealed = SealedFile { path: home.path().join("plant-3.tar.age"), bytes };
    let (root, key, clock) = (home.path().join("to"), key(), Hasty::default());
    let trust = Trust { signers: &signers, gateway: None, practice: PracticeBundles::Take };
    let request = OpenRequest { sealed: &sealed, key: &key, trust, into: &root, test: TestPlan::Skip };
    let opened = open(&request, &clock).await.unwrap();
    let first = opened.receipt(&key).unwrap();
    assert_eq!(receipt(&root, &key, crate::clock::Clock::now(&clock)).unwrap(), first);
    let again = open(&request, &clock).await.unwrap();
    assert_eq!(again.receipt(&key).unwrap(), first, "opening it again says the same");
}
