//! Claims in their two forms, and tokens that cannot be read.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header, encode};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{AccessToken, Claims, UnreadableToken};

fn claims_of(payload: &Value) -> Result<Claims, UnreadableToken> {
    read(&encode(&Header::default(), payload, &EncodingKey::from_secret(b"any")).unwrap())
}

fn read(token: &str) -> Result<Claims, UnreadableToken> {
    AccessToken::new(SecretString::from(token), Duration::ZERO).claims()
}

#[test]
fn the_older_form() {
    let claims = claims_of(&json!({
        "aud": "https://graph.microsoft.com",
        "iss": "https://sts.windows.net/11111111-1111-4111-8111-111111111111/",
        "iat": 1767318845, "nbf": 1767318845, "exp": 1767322745,
        "app_displayname": "Gate\u{202e}house",
        "appid": "22222222-2222-4222-8222-222222222222", "appidacr": "1", "idtyp": "app",
        "oid": "33333333-3333-4333-8333-333333333333", "sub": "33333333-3333-4333-8333-333333333333",
        "roles": ["User.Read.All", "Group.Read.All"],
        "tid": "11111111-1111-4111-8111-111111111111", "ver": "1.0",
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]
    }))
    .unwrap();
    assert_eq!(claims.app_id.as_deref(), Some("22222222-2222-4222-8222-222222222222"));
    assert_eq!(claims.app_id_acr.as_deref(), Some("1"));
    assert_eq!(claims.roles, ["User.Read.All", "Group.Read.All"]);
    assert_eq!((claims.iat, claims.exp), (Some(1_767_318_845), Some(1_767_322_745)));
    assert_eq!(claims.app_displayname.as_deref(), Some("Gatehouse"));
    assert_eq!((claims.scp, claims.wids.len()), (None, 1));
}

#[test]
fn the_newer_form_without_consent() {
    let claims = claims_of(&json!({
        "aud": "00000003-0000-0000-c000-000000000000", "iss": "https://login.microsoftonline.com/x/v2.0",
        "azp": "client", "azpacr": 2, "ver": "2.0", "exp": "1767322745", "iat": 1767318845.9
    }))
    .unwrap();
    assert_eq!((claims.app_id.as_deref(), claims.app_id_acr.as_deref()), (Some("client"), Some("2")));
    assert_eq!((claims.iat, claims.exp), (Some(1_767_318_845), Some(1_767_322_745)));
    assert!(claims.roles.is_empty());
    assert_eq!(claims.oid, None);
}

#[test]
fn unreadable_tokens_say_why() {
    assert_eq!(read("opaque"), Err(UnreadableToken::NotAJwt));
    assert_eq!(read("a.b.c.d"), Err(UnreadableToken::NotAJwt));
    assert_eq!(read("a.b.c.d.e"), Err(UnreadableToken::Encrypted));
    assert_eq!(read("a.!!.c"), Err(UnreadableToken::NotClaims));
    assert_eq!(read("e30.W10.c"), Err(UnreadableToken::NotClaims));
    assert_eq!(claims_of(&json!({"aud": "x"})), Err(UnreadableToken::NoAudienceOrIssuer));
}
