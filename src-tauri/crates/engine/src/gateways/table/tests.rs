use super::*;
use crate::gateways::sample::{self, RSA};

const PROFILE: &str = "least-privilege";

fn import_all(gateways: &mut Vec<Gateway>, table: &[u8]) -> ImportOutcome {
    let request = ImportRequest { table: table.to_vec(), faulty: FaultyRows::Refuse, confirmed: Vec::new() };
    import(gateways, &request, PROFILE).unwrap()
}

fn counts(preview: &TablePreview) -> (usize, usize, usize) {
    (preview.new, preview.changed, preview.unchanged)
}

#[test]
fn the_list_survives_being_written_and_read() {
    let mut one = sample::gateway("plant-1", 1, &["secret-a"]);
    one.address = Some("10.0.0.5:2222".to_owned());
    one.outputs = vec![Output::Systemd, Output::OAuth2Proxy];
    let mut two = Gateway::named(GatewayName::new("plant-2").unwrap());
    two.profile = Some(PROFILE.to_owned());
    two.recipient = Some(RSA.rsplit_once(' ').unwrap().0.to_owned());
    let list = vec![one, two, Gateway::named(GatewayName::new("plant-3").unwrap())];

    let table = write(&list);
    assert!(table.starts_with(b"name,address,key,profile,outputs\nplant-1,10.0.0.5:2222,ssh-ed25519 "));
    let seen = preview(&list, &table, PROFILE).unwrap();
    assert_eq!((counts(&seen), seen.problems), ((0, 0, 3), Vec::new()));

    let mut read = Vec::new();
    assert!(matches!(import_all(&mut read, &table), ImportOutcome::Imported(_)));
    assert_eq!(write(&read), table);
    assert_eq!(read[0].issued, [], "a table holds no bundles");
}

#[test]
fn a_quotation_mark_that_is_not_closed_swallows_no_line() {
    for table in
        ["name,address\nplant-8,p8\n\"plant-20,x\nplant-21,y\n", "name,address\nplant-8,\"p8\nplant-9,p9\"\n"]
    {
        let fault = super::preview(&[], table.as_bytes(), "least-privilege").unwrap_err();
        assert!(fault.what.contains("is not closed on its line"), "{fault}");
    }
}

#[test]
fn spreadsheets_write_it_in_many_ways() {
    let key = sample::key(1);
    let plain = format!("name,key\nplant-1,{key} root@plant-1\n");
    let tables = [
        plain.clone(),
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        format!("Key , NAME\n\"{key}\",\"plant-1\" \n\n,\n"),
        format!("name,key,\nplant-1,{key},\n"),
    ];
    for table in tables {
        let mut gateways = Vec::new();
        let ImportOutcome::Imported(seen) = import_all(&mut gateways, table.as_bytes()) else {
            panic!("{table}")
        };
        assert_eq!((counts(&seen), seen.problems), ((1, 0, 0), Vec::new()), "{table}");
        assert_eq!(
            (gateways[0].name.as_str(), gateways[0].recipient.as_deref()),
            ("plant-1", Some(key.as_str()))
        );
    }
}

#[test]
fn every_fault_is_told_with_its_line_and_column_and_nothing_is_imported_unless_asked() {
    let table = format!(
        "name,address,key,profile,outputs\n\
         good,10.0.0.1,{key},,systemd kubernetes\n\
         plant 1,bad\u{7}address,ssh-dss AAAA,other,teleport\n\
         GOOD,,,,\n\
         late,,,,\n",
        key = sample::key(1)
    );
    let mut gateways = Vec::new();
    let ImportOutcome::Asks(seen) = import_all(&mut gateways, table.as_bytes()) else { panic!("it asks") };
    assert!(gateways.is_empty());
    let told: Vec<(u64, Option<&str>)> =
        seen.problems.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(
        told,
        [
            (3, Some("name")),
            (3, Some("address")),
            (3, Some("profile")),
            (3, Some("key")),
            (3, Some("outputs")),
            (4, Some("name")),
        ]
    );
    assert!(
        seen.problems.iter().all(|problem| problem.what.ends_with('.') && problem.fix.ends_with('.')),
        "{seen:?}"
    );
    assert_eq!(seen.problems[5].what, "GOOD stands in line 2 already.");
    assert_eq!(counts(&seen), (2, 0, 0));

    let request =
        ImportRequest { table: table.into_bytes(), faulty: FaultyRows::LeaveOut, confirmed: Vec::new() };
    assert!(matches!(import(&mut gateways, &request, PROFILE).unwrap(), ImportOutcome::Imported(_)));
    let names: Vec<&str> = gateways.iter().map(|gateway| gateway.name.as_str()).collect();
    assert_eq!(names, ["good", "late"]);
    assert_eq!(gateways[0].outputs, [Output::Systemd, Output::Kubernetes]);
}

#[test]
fn a_column_that_is_not_there_changes_nothing_and_an_empty_field_clears() {
    let mut gateways = vec![sample::gateway("plant-1", 1, &["secret-a"])];
    gateways[0].address = Some("10.0.0.1".to_owned());
    let before = gateways.clone();
    import_all(&mut gateways, b"name\nplant-1\n");
    assert_eq!(gateways, before);
    let ImportOutcome::Imported(seen) = import_all(&mut gateways, b"name,address,key\nPLANT-1,,\n") else {
        panic!("it is imported")
    };
    assert_eq!(seen.rows[0].changes, ["address"]);
    assert_eq!(
        (gateways[0].address.as_ref(), gateways[0].recipient.as_ref()),
        (None, before[0].recipient.as_ref())
    );
    assert_eq!(gateways[0].name.as_str(), "plant-1");
}

#[test]
fn another_key_asks() {
    let mut gateways = vec![sample::gateway("plant-1", 1, &[])];
    let before = gateways.clone();
    let table = format!("name,key\nplant-1,{}\nplant-2,{}\n", sample::key(2), sample::key(3));
    let ImportOutcome::Asks(seen) = import_all(&mut gateways, table.as_bytes()) else { panic!("it asks") };
    assert_eq!(gateways, before);
    let confirmed = seen.key_changes.iter().map(|change| change.to.clone()).collect();
    let request = ImportRequest { table: table.into_bytes(), faulty: FaultyRows::Refuse, confirmed };
    assert!(matches!(import(&mut gateways, &request, PROFILE).unwrap(), ImportOutcome::Imported(_)));
    assert_eq!(gateways[0].recipient, Some(sample::key(2)));
}

#[test]
fn what_is_no_table_is_refused_whole() {
    let refused = |table: &[u8]| preview(&[], table, PROFILE).unwrap_err();
    for (table, part) in [
        (&b""[..], "name"),
        (b"address\n10.0.0.1\n", "does not name the column name"),
        (b"name,colour\nplant-1,red\n", "the one in place 2"),
        (b"name,name\na,b\n", "twice"),
        (b"name\nplant-\xff\n", "UTF-8"),
        (&vec![b'a'; MAX_TABLE_BYTES + 1], "4 MiB"),
    ] {
        let fault = refused(table);
        assert!(fault.what.contains(part), "{}", fault.what);
        assert_eq!(fault.field, Some("table"));
    }
}

#[test]
fn hundreds_of_gateways_are_read() {
    let mut table = "name,address\n".to_owned();
    for number in 0..2_000 {
        use std::fmt::Write;
        writeln!(table, "plant-{number},10.0.{}.{}", number / 250, number % 250).unwrap();
    }
    let mut gateways = Vec::new();
    let ImportOutcome::Imported(seen) = import_all(&mut gateways, table.as_bytes()) else {
        panic!("it is imported")
    };
    assert_eq!((counts(&seen), gateways.len()), ((2_000, 0, 0), 2_000));
}

#[test]
fn keys_that_gateways_would_have_in_common_are_said_before() {
    let mut list = vec![sample::gateway("plant-1", 1, &[]), sample::gateway("plant-2", 2, &[])];
    let key = sample::key;
    let table = format!("name,key\nplant-3,{}\nplant-4,{}\nplant-5,{}\n", key(1), key(4), key(4));
    let seen = preview(&list, table.as_bytes(), PROFILE).unwrap();
    let said: Vec<String> = seen.shared.iter().map(SharedKey::says).collect();
    assert_eq!(
        said,
        [
            "plant-1 and plant-3 have the same key: either of them can open what is sealed for the other.",
            "plant-4 and plant-5 have the same key: either of them can open what is sealed for the other."
        ]
    );
    let ImportOutcome::Imported(taken) = import_all(&mut list, table.as_bytes()) else {
        panic!("it is no fault")
    };
    assert_eq!(taken, seen);
}
