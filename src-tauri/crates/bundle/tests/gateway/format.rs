//! Writing and reading agree, byte for byte, and the committed schema and example are the crate's own.

use std::path::Path;

use bundle::{
    Access, AccessRule, CloudId, CredentialReference, GatewayConfig, Permission, PublicClientSetting, Role,
    json_schema,
};
use uuid::Uuid;

use crate::committed;

#[test]
fn the_example_is_written_exactly_as_it_was_read() {
    let config = GatewayConfig::from_json(committed::EXAMPLE.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(config.to_json()).unwrap(), committed::EXAMPLE.replace("\r\n", "\n"));
}

#[test]
fn the_committed_schema_is_the_one_of_this_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway.schema.json");
    committed::assert_same_as_file(&path, &json_schema());
}

#[test]
fn the_schema_requires_every_field_and_allows_no_other() {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let mut objects = Vec::new();
    collect_objects(&schema, &mut objects);
    assert_eq!(objects.len(), 8);
    for object in objects {
        let properties: Vec<&String> = object["properties"].as_object().unwrap().keys().collect();
        let required: Vec<&str> =
            object["required"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
        assert!(
            properties.iter().all(|name| required.contains(&name.as_str())),
            "{properties:?} {required:?}"
        );
        assert_eq!(object["additionalProperties"], false, "{properties:?}");
    }
}

fn collect_objects<'schema>(value: &'schema serde_json::Value, into: &mut Vec<&'schema serde_json::Value>) {
    if value.get("properties").is_some_and(serde_json::Value::is_object) {
        into.push(value);
    }
    match value {
        serde_json::Value::Object(map) => map.values().for_each(|value| collect_objects(value, into)),
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect_objects(value, into)),
        _ => {}
    }
}

#[test]
fn generated_configs_survive_the_way_through_bytes() {
    let mut random = Random(0x5eed);
    for _ in 0..200 {
        let config = random.config();
        config.check().unwrap();
        let bytes = config.to_json();
        assert_eq!(bytes, config.to_json(), "the same config gave other bytes");
        assert_eq!(bytes.last(), Some(&b'\n'));
        let read = GatewayConfig::from_json(&bytes).unwrap();
        assert_eq!(read, config);
        assert_eq!(read.to_json(), bytes);
    }
}

#[test]
fn each_cloud_is_spelled_as_its_id() {
    for cloud in CloudId::ALL {
        assert_eq!(serde_json::to_value(cloud).unwrap(), cloud.id());
    }
}

#[test]
fn the_highest_rank_wins_and_no_access_wins_over_it() {
    let config = GatewayConfig::from_json(committed::EXAMPLE.as_bytes()).unwrap();
    let [everyone, administrators, contractors] =
        [1, 2, 3].map(|last| Uuid::from_u128(0x0b6d_9f0e_2f0c_4d6e_a1a7_9c3e_5a7b_1d00 + last));
    let id = |groups: &[Uuid]| match config.access.decide(groups) {
        Access::Role(role) => role.id.clone(),
        Access::Denied => "denied".to_owned(),
        Access::NoRule => "no rule".to_owned(),
    };
    assert_eq!(id(&[everyone]), "user");
    assert_eq!(id(&[administrators, everyone]), "administrator");
    assert_eq!(id(&[everyone, administrators]), "administrator");
    assert_eq!(id(&[administrators, contractors]), "denied");
    assert_eq!(id(&[contractors, administrators]), "denied");
    assert_eq!(id(&[Uuid::nil()]), "no rule");
    assert_eq!(id(&[]), "no rule");
}

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn guid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }

    fn text(&mut self) -> String {
        const WORDS: [&str; 8] =
            ["Zürich", "Ωmega", "Принтер", "打印", "طابعة", "a\"b\\c", "</script>", "👩‍💻"];
        (0..=self.below(3)).map(|_| WORDS[self.below(8) as usize]).collect::<Vec<_>>().join(" ")
    }

    fn config(&mut self) -> GatewayConfig {
        let mut config = GatewayConfig::from_json(committed::EXAMPLE.as_bytes()).unwrap();
        config.name = self.text();
        config.written_at = jiff::Timestamp::from_second(self.below(4_000_000_000) as i64).unwrap();
        config.sequence = 1 + self.below((1 << 53) - 1);
        config.tenant_id = self.guid();
        config.client_id = self.guid();
        config.cloud = self.coin().then(|| CloudId::ALL[self.below(4) as usize]);
        let (authority, graph) = match config.cloud {
            Some(cloud) => (cloud.authority().to_owned(), cloud.graph().to_owned()),
            None => {
                (format!("https://localhost:{}", 1 + self.below(65_000)), "https://[::1]:8444".to_owned())
            }
        };
        config.authority = authority.parse().unwrap();
        config.graph = graph.parse().unwrap();
        config.practice = config.cloud.is_none() && self.coin();
        config.tenant_domain = self.coin().then(|| format!("t{}.example", self.below(1_000)));
        let ends_on =
            self.coin().then(|| jiff::civil::date(2026 + self.below(9) as i16, 2, 1 + self.below(28) as i8));
        config.credential = if self.coin() {
            CredentialReference::ClientSecret { reference: "env:GATEWAY_SECRET".to_owned(), ends_on }
        } else {
            let (reference, thumbprint) = ("file:C:\\gateway\\key.pem".to_owned(), "0aF9".repeat(10));
            CredentialReference::ClientCertificate { reference, thumbprint, ends_on }
        };
        config.permissions = (0..self.below(5))
            .map(|index| Permission { name: format!("P{index}.Read"), id: self.guid(), reason: self.text() })
            .collect();
        config.public_client = if self.coin() { PublicClientSetting::On } else { PublicClientSetting::Off };
        config.sync.interval_minutes = 5 + self.below(10_076) as u32;
        config.sync.deletion_fuse_percent = 1 + self.below(100) as u8;
        config.sync.deletion_fuse_minimum = self.next() as u32;
        config.access.roles = (0..=self.below(4) as u16)
            .map(|index| Role { id: format!("role-{index}"), name: self.text(), rank: index * 7 })
            .collect();
        config.access.rules = (0..self.below(20))
            .map(|index| AccessRule {
                group_id: self.guid(),
                group_name: self.text(),
                role: if index % 5 == 4 { AccessRule::NO_ACCESS.to_owned() } else { "role-0".to_owned() },
            })
            .collect();
        config.notes = (0..self.below(4)).map(|_| self.text()).collect();
        config
    }
}
