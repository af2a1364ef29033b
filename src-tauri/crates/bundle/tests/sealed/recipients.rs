//! Lines of keys, as they come from files and from `ssh-keyscan`.

use bundle::{KeyLines, Recipient, RecipientKind, RecipientProblem};

use crate::given::{ALL, ED25519, OTHER, RSA, X25519};

const ECDSA: &str = include_str!("keys/ecdsa.pub");

#[test]
fn a_line_gives_the_key_with_its_fingerprint() {
    let lines = ALL.map(|pair| pair.recipient().fingerprint_line());
    assert_eq!(
        lines,
        [
            "256 SHA256:D3fMsP5a8jodTSUT+h3CLRlbheKgqItQvTAaOWS99LQ root@plant-3 (ED25519)",
            "2048 SHA256:roETmr9MTQ6WMuqV+KBWhHnfPR7VJCZ7oMLlPI4Bq4w root@plant-4 (RSA)",
            "2048 SHA256:cZWXnL2OTmszDec9qJNjKinjybNVCqLXe5CNQ1PwVFg root@plant-5 (RSA)",
            "256 age1jlc7rur7gg4qk3g2fyy8x8yrfmcvfw24wd4h3fhmctc6m5mk2c5sjf5x5c no comment (X25519)",
        ]
    );
    let kinds = ALL.map(|pair| pair.recipient().kind());
    use RecipientKind::{SshEd25519, SshRsa, X25519};
    assert_eq!(kinds, [SshEd25519, SshRsa, SshRsa, X25519]);
    for pair in ALL {
        assert_eq!(pair.key().recipient(), &pair.recipient(), "{}", pair.name);
        assert!(pair.public.starts_with(&pair.recipient().to_line()), "{}", pair.name);
    }
}

#[test]
fn many_lines_give_their_keys_with_hosts_and_line_numbers() {
    let (ed, rsa) = (key_of(ED25519.public), key_of(RSA.public));
    let text = format!(
        "\u{feff}# plant-3:22 SSH-2.0-OpenSSH_9.2p1\r\nplant-3,10.0.0.3 {ed}\r\n\r\nplant-3 {ecdsa}\n[10.0.0.4]:2222 {rsa}\n\
         |1|e+EJSSt8rfpKJdWeR9a3ml00SWI=|yadY5f08RK7lClAPfV1BMW9wDXU= {ed}\n@revoked plant-7 {ed}\n\
         @cert-authority *.example {rsa}\n@other plant-8 {rsa}\nplant-9 ssh-ed25519 AAAAbroken\n{ed}   two  words  \n\
         {age}\nplant-1\t{rsa} a remark\nhello world\n; plant-2 hello\n!plant-4,plant-5 {ed}\n",
        ecdsa = key_of(ECDSA),
        age = X25519.public.trim(),
    );
    let lines = KeyLines::read(&text);
    let found: Vec<(usize, String, &str)> = lines
        .found
        .iter()
        .map(|found| (found.line, found.hosts.join(" "), found.recipient.comment()))
        .collect();
    let expected = [
        (2, "plant-3 10.0.0.3", "plant-3,10.0.0.3"),
        (5, "[10.0.0.4]:2222", "[10.0.0.4]:2222"),
        (6, "", "|1|e+EJSSt8rfpKJdWeR9a3ml00SWI=|yadY5f08RK7lClAPfV1BMW9wDXU="),
        (11, "", "two  words"),
        (12, "", ""),
        (13, "plant-1", "a remark"),
        (16, "plant-5", "!plant-4,plant-5"),
    ];
    assert_eq!(found, expected.map(|(line, hosts, comment)| (line, hosts.to_owned(), comment)));
    use RecipientProblem::{CertificateAuthority, Damaged, Ecdsa, NotAKey, Revoked, UnknownMarker};
    let problems: Vec<(usize, &[String], &RecipientProblem)> =
        lines.problems.iter().map(|found| (found.line, found.hosts.as_slice(), &found.problem)).collect();
    let host = |name: &str| vec![name.to_owned()];
    let expected = [
        (4, host("plant-3"), Ecdsa),
        (7, host("plant-7"), Revoked),
        (8, host("*.example"), CertificateAuthority),
        (9, host("plant-8"), UnknownMarker),
        (10, host("plant-9"), Damaged),
        (14, Vec::new(), NotAKey),
    ];
    assert_eq!(
        problems,
        expected.iter().map(|(line, hosts, what)| (*line, hosts.as_slice(), what)).collect::<Vec<_>>()
    );
    assert!(Ecdsa.to_string().contains("age cannot seal to ECDSA keys"));
}

#[test]
fn what_people_paste_by_mistake_has_its_own_text() {
    use RecipientProblem as P;
    let mut cut = key_of(ED25519.public);
    cut.truncate(60);
    let two = format!("{}{}", ED25519.public, OTHER.public);
    let fingerprint = ED25519.recipient().fingerprint_line();
    let certificate = format!("ssh-ed25519-cert-v01@openssh.com {}", &key_of(ED25519.public)[12..]);
    let cases: [(&str, P); 22] = [
        ("", P::Empty),
        ("# a remark\n\n", P::Empty),
        (&two, P::SeveralKeys),
        (ED25519.private, P::PrivateKey),
        (X25519.private, P::PrivateKey),
        ("AGE-SECRET-KEY-1QQQ", P::PrivateKey),
        (&fingerprint, P::Fingerprint),
        ("SHA256:D3fMsP5a8jodTSUT", P::Fingerprint),
        (ECDSA, P::Ecdsa),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBAP", P::Dsa),
        ("sk-ssh-ed25519@openssh.com AAAA", P::Hardware),
        (&certificate, P::Certificate),
        (include_str!("keys/rsa_1024.pub"), P::RsaTooShort { bits: 1024 }),
        (include_str!("keys/rsa_8192.pub"), P::RsaTooLong { bits: 8192 }),
        (&cut, P::Damaged),
        ("ssh-ed25519", P::Damaged),
        ("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti", P::Damaged),
        ("age1jlc7rur7gg4qk3g2fyy8x8yrfmcvfw24wd4h3fhmctc6m5mk2c5sjf5x5d", P::Damaged),
        ("age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", P::AgePlugin),
        ("age1short", P::Damaged),
        ("plant-3", P::NotAKey),
        ("correct horse battery staple", P::NotAKey),
    ];
    for (line, problem) in cases {
        assert_eq!(Recipient::from_line(line).unwrap_err(), problem, "{line}");
        assert!(problem.to_string().len() > 40);
    }
}

#[test]
fn two_recipients_are_the_same_when_their_keys_are() {
    let commented = Recipient::from_line(&format!("{} another comment", key_of(ED25519.public))).unwrap();
    assert_eq!(commented, ED25519.recipient());
    assert_ne!(OTHER.recipient(), ED25519.recipient());
    assert_eq!(Recipient::from_line(&format!("plant-3 {}", ED25519.public)).unwrap(), ED25519.recipient());
}

/// Type and data, without a comment.
fn key_of(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
