//! Pod: what starts a thin image in Kubernetes, or by `podman kube play`, with the store paths of the node.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::face::oci::running::own_mounts;
use crate::face::thin::mounts::mount_name;
use crate::image::{HealthCheck, Image, Name, Port, Protocol, Span};
use crate::input::store_path::StorePath;

/// What stands before the Pod.
const HEAD: &str = "\
# A Pod for Kubernetes, with the store paths of the node that it runs on: check-host --realise brings them there. Push the
# image to a registry, and put that before its name here. A volume of the type emptyDir lives as long as the Pod: put a claim
# of your own in its place. What the image only reads is taken from the same path of the node.
";

/// The longest name of a port, and of a list of ports that are told one by one.
const LONGEST_PORT: usize = 15;
const MOST_PORTS: usize = 100;

/// The text of `NAME-VERSION.pod.yaml`, for the image that registries call `reference`.
///
/// # Errors
/// When a store path is not there.
pub(super) fn pod(
    image: &Image,
    reference: &str,
    store_dir: &str,
    paths: &BTreeSet<StorePath>,
) -> Result<String> {
    let name = Name::sanitised(image.name.last_component());
    let mut container = json!({ "name": name.as_str(), "image": reference });
    if image.terminal {
        container["stdin"] = true.into();
        container["tty"] = true.into();
    }
    let ports = image.ports.iter().flat_map(|(name, port)| told(name, port));
    let ports: Vec<Value> = ports.collect();
    if !ports.is_empty() {
        container["ports"] = ports.into();
    }
    if let Some(check) = &image.healthcheck {
        container["livenessProbe"] = probe(check);
    }
    let (mut mounts, mut volumes) = (Vec::new(), Vec::new());
    for (name, mount) in own_mounts(image, store_dir) {
        // No store path is called so: it would begin with a hash.
        let name = Name::sanitised(&format!("own-{name}"));
        let path = mount.path.as_str();
        let source = if mount.read_only {
            json!({ "name": name.as_str(), "hostPath": { "path": path } })
        } else {
            json!({ "name": name.as_str(), "emptyDir": {} })
        };
        volumes.push(source);
        mounts
            .push(json!({ "name": name.as_str(), "mountPath": path, "readOnly": mount.read_only }));
    }
    for path in paths {
        let name = mount_name(path);
        let found = fs::metadata(path.as_str()).with_context(|| format!("reading {path}"))?;
        // What a node lacks keeps the Pod from starting, rather than being made an empty directory.
        let kind = if found.is_dir() { "Directory" } else { "File" };
        let path = path.as_str();
        volumes.push(json!({ "name": name.as_str(), "hostPath": { "path": path, "type": kind } }));
        mounts.push(json!({ "name": name.as_str(), "mountPath": path, "readOnly": true }));
    }
    container["volumeMounts"] = mounts.into();
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name.as_str(), "labels": { "app.kubernetes.io/name": name.as_str() } },
        "spec": { "containers": [container], "volumes": volumes },
    });
    let mut text = HEAD.to_owned();
    block(&pod, 0, &mut text)?;
    Ok(text)
}

/// A port, or each of a few that follow each other, which have no names then.
fn told(name: &Name, port: &Port) -> Vec<Value> {
    let protocol = match port.protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    };
    if port.range.len() > MOST_PORTS {
        return Vec::new();
    }
    let is_name = name.as_str().len() <= LONGEST_PORT
        && name.as_str().contains(|c: char| c.is_ascii_lowercase());
    let one = |number: u16| {
        let mut told = json!({ "containerPort": number, "protocol": protocol });
        if port.range.len() == 1 && is_name {
            told["name"] = name.as_str().into();
        }
        told
    };
    port.range.clone().map(one).collect()
}

/// What Kubernetes does to know whether the program does its work; it counts in whole seconds.
fn probe(check: &HealthCheck) -> Value {
    let words: Vec<&str> = check.test.command().words().collect();
    let mut probe = json!({ "exec": { "command": words } });
    let spans = [
        ("periodSeconds", &check.interval),
        ("timeoutSeconds", &check.timeout),
        ("initialDelaySeconds", &check.start_period),
    ];
    for (member, span) in spans {
        if let Some(span) = span {
            probe[member] = seconds(span).into();
        }
    }
    if let Some(retries) = check.retries {
        probe["failureThreshold"] = retries.get().into();
    }
    probe
}

fn seconds(span: &Span) -> u64 {
    span.nanoseconds().div_ceil(1_000_000_000)
}

/// Writes `value` in lines, `depth` levels deep. What is no list and no object is written as JSON has it, which YAML reads
/// as the same.
fn block(value: &Value, depth: usize, text: &mut String) -> fmt::Result {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                if is_block(member) {
                    writeln!(text, "{indent}{name}:")?;
                    block(member, depth + 1, text)?;
                } else {
                    writeln!(text, "{indent}{name}: {member}")?;
                }
            }
            Ok(())
        }
        Value::Array(items) if !items.is_empty() => items.iter().try_for_each(|item| {
            let mut lines = String::new();
            block(item, depth + 1, &mut lines)?;
            write!(text, "{indent}- {}", lines.trim_start())
        }),
        other => writeln!(text, "{indent}{other}"),
    }
}

/// Whether `value` has lines of its own.
fn is_block(value: &Value) -> bool {
    let members = value.as_object().map(serde_json::Map::is_empty);
    let items = value.as_array().map(Vec::is_empty);
    members.or(items) == Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::store_path::StoreDir;
    use expect_test::expect;

    fn image(more: &Value) -> Image {
        let mut image = json!({
            "name": "example.com/web_1",
            "version": "1",
            "platform": { "os": "linux", "arch": "amd64" },
            "exec": [],
            "user": "0",
            "group": "0",
        });
        image
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        serde_json::from_value(image).unwrap()
    }

    #[test]
    fn names_are_labels_and_store_paths_are_what_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let store = StoreDir::new(directory.path().to_str().unwrap()).unwrap();
        let paths: BTreeSet<StorePath> = ["0c5c2h6q", "1d6d3j7r"]
            .map(|hash| {
                let path = format!("{store}/{}-a++_2.39?a=b", hash.repeat(4));
                store.parse(&path).unwrap()
            })
            .into();
        fs::create_dir(paths.first().unwrap().as_str()).unwrap();
        fs::write(paths.last().unwrap().as_str(), "").unwrap();
        let image = image(&json!({
            "terminal": true,
            "ports": {
                "http": { "protocol": "tcp", "port": 80 },
                "a-port-with-a-long-name": { "protocol": "udp", "port": 53 },
                "range": { "protocol": "tcp", "port": 90, "count": 2 },
                "all": { "protocol": "tcp", "port": 1000, "count": 1000 },
            },
            "mounts": {
                "data": { "path": "/data", "readOnly": false },
                "conf": { "path": "/etc/web", "readOnly": true },
            },
            "healthcheck": { "test": ["/bin/check", "100%: \"a\""], "interval": "1500ms", "retries": 5 },
        }));
        let text = pod(&image, "example.com/web_1:1-thin", store.as_str(), &paths).unwrap();
        let text = text.replace(store.as_str(), "/nix/store");
        expect![[r#"
            apiVersion: "v1"
            kind: "Pod"
            metadata:
              labels:
                app.kubernetes.io/name: "web-1"
              name: "web-1"
            spec:
              containers:
                - image: "example.com/web_1:1-thin"
                  livenessProbe:
                    exec:
                      command:
                        - "/bin/check"
                        - "100%: \"a\""
                    failureThreshold: 5
                    periodSeconds: 2
                  name: "web-1"
                  ports:
                    - containerPort: 53
                      protocol: "UDP"
                    - containerPort: 80
                      name: "http"
                      protocol: "TCP"
                    - containerPort: 90
                      protocol: "TCP"
                    - containerPort: 91
                      protocol: "TCP"
                  stdin: true
                  tty: true
                  volumeMounts:
                    - mountPath: "/data"
                      name: "own-data"
                      readOnly: false
                    - mountPath: "/etc/web"
                      name: "own-conf"
                      readOnly: true
                    - mountPath: "/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-a++_2.39?a=b"
                      name: "0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-a-2-39-a-b"
                      readOnly: true
                    - mountPath: "/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-a++_2.39?a=b"
                      name: "1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-a-2-39-a-b"
                      readOnly: true
              volumes:
                - emptyDir: {}
                  name: "own-data"
                - hostPath:
                    path: "/etc/web"
                  name: "own-conf"
                - hostPath:
                    path: "/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-a++_2.39?a=b"
                    type: "Directory"
                  name: "0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-a-2-39-a-b"
                - hostPath:
                    path: "/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-a++_2.39?a=b"
                    type: "File"
                  name: "1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-a-2-39-a-b"
        "#]]
        .assert_eq(text.strip_prefix(HEAD).unwrap());
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error() {
        let store = StoreDir::new("/nowhere").unwrap();
        let path = store.parse(&format!("/nowhere/{}-a", "0".repeat(32)));
        let paths = BTreeSet::from([path.unwrap()]);
        let error = pod(&image(&json!({})), "a:1", "/nowhere", &paths).unwrap_err();
        assert!(error.to_string().starts_with("reading /nowhere/"));
    }
}
