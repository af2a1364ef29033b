//! Kubernetes, oauth2-proxy and IoT Edge: their files, read by parsers and schemas that others wrote.

use std::{fs, process::Command};

use bundle::GatewayConfig;
use engine::outputs::Output;
use serde_json::{Value, json};

use crate::given::{HOSTILE, Opened, SECRET, config, python, run, text, venv, with_certificate};

const YAML: &str = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
const BASE64: &str = "import base64, json, sys, yaml\n\
    print(json.dumps([{k: base64.b64decode(v, validate=True).decode() for k, v in each['data'].items()}\n\
    for each in yaml.safe_load_all(open(sys.argv[1]))]))";
const TOML: &str = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";
const SCHEMA: &str = "import json, sys, jsonschema\n\
    jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),\n\
    cls=jsonschema.Draft202012Validator)\n\
    print('true')";

#[test]
fn kubernetes_takes_the_secrets() {
    for config in [config(), with_certificate(config())] {
        let opened = Opened::new(&config, SECRET, None, &[Output::Kubernetes]);
        let manifest = opened.path("kubernetes/secret.yaml");
        let valid = |path: &std::path::Path| {
            let checked = run(Command::new(venv("kubernetes-validate")).arg("--strict").arg(path));
            (checked.status.success(), text(&checked))
        };
        let (good, said) = valid(&manifest);
        assert!(good && said.matches("passed").count() == 2, "{said}");
        let broken = opened.path("broken.yaml");
        fs::write(&broken, fs::read_to_string(&manifest).unwrap().replace("type: Opaque", "sort: Opaque"))
            .unwrap();
        assert!(!valid(&broken).0, "the validator takes everything");
    }
}

#[test]
fn kubernetes_hands_out_every_secret_as_it_is() {
    for secret in HOSTILE {
        let config = GatewayConfig { name: "It's: a \"name\" # {{ x }}".to_owned(), ..config() };
        let opened = Opened::new(&config, secret, None, &[Output::Kubernetes]);
        let manifest = opened.path("kubernetes/secret.yaml");
        let decoded = python(BASE64, &[&manifest]);
        assert_eq!(decoded[0]["AZURE_CLIENT_SECRET"], secret);
        assert_eq!(decoded[0]["AZURE_TENANT_ID"], config.tenant_id.to_string());
        assert_eq!(decoded[1]["client-secret"], secret);
        assert_eq!(decoded[1]["gateway.json"], fs::read_to_string(opened.path("gateway.json")).unwrap());
        let read = python(YAML, &[&manifest]);
        assert_eq!(read[0]["metadata"]["annotations"]["gatehouse/connection"], config.name);
        assert_eq!(read[0]["metadata"]["name"], "gatehouse-plant-3");
        assert_eq!(read[1]["metadata"]["name"], "gatehouse-plant-3-files");
    }
}

#[test]
fn another_toml_parser_reads_the_configuration_of_oauth2_proxy() {
    let opened = Opened::new(&config(), SECRET, None, &[Output::OAuth2Proxy]);
    let read = python(TOML, &[&opened.path("oauth2-proxy/oauth2-proxy.cfg")]);
    let config = config();
    let expected = json!({
        "provider": "entra-id",
        "provider_display_name": "Microsoft Entra ID",
        "oidc_issuer_url": format!("https://login.microsoftonline.com/{}/v2.0", config.tenant_id),
        "client_id": config.client_id.to_string(),
        "client_secret_file": opened.path("client-secret"),
        "scope": "openid",
        "code_challenge_method": "S256",
        "allowed_groups": [
            "0b6d9f0e-2f0c-4d6e-a1a7-9c3e5a7b1d01",
            "0b6d9f0e-2f0c-4d6e-a1a7-9c3e5a7b1d02"
        ]
    });
    assert_eq!(read, expected);
}

#[test]
fn the_iot_edge_block_has_the_shape_of_a_module() {
    for (config, variable) in
        [(config(), "AZURE_CLIENT_SECRET"), (with_certificate(config()), "AZURE_CLIENT_CERTIFICATE_PATH")]
    {
        for secret in HOSTILE {
            let opened = Opened::new(&config, secret, None, &[Output::IotEdge]);
            let schema = opened.path("module.schema.json");
            fs::write(&schema, module_schema().to_string()).unwrap();
            let block = opened.path("iot-edge/module.json");
            assert_eq!(python(SCHEMA, &[&block, &schema]), json!(true));
            let block: Value = serde_json::from_slice(&fs::read(&block).unwrap()).unwrap();
            let value = block["env"][variable]["value"].as_str().unwrap();
            let path = opened.path("client-certificate.pem");
            assert_eq!(value, if variable.ends_with("PATH") { path.to_str().unwrap() } else { secret });
            let options: Value =
                serde_json::from_str(block["settings"]["createOptions"].as_str().unwrap()).unwrap();
            let root = opened.root().display();
            assert_eq!(options, json!({ "HostConfig": { "Binds": [format!("{root}:{root}:ro")] } }));
        }
    }
}

/// The part of a module's entry in a deployment manifest that the block fills. Source: Microsoft, "Learn how to deploy
/// modules and establish routes in IoT Edge".
fn module_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["env", "settings"],
        "properties": {
            "env": {
                "type": "object",
                "propertyNames": { "pattern": "^[A-Z][A-Z0-9_]*$" },
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["value"],
                    "properties": { "value": { "type": "string" } }
                }
            },
            "settings": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "createOptions": { "type": "string", "maxLength": 512 } }
            }
        }
    })
}
