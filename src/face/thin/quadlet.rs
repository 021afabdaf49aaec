//! Quadlet: a unit from which podman makes a service of systemd (podman-systemd.unit(5)).

use std::collections::BTreeSet;
use std::fmt::Display;

use camino::Utf8Path;

use super::arguments::lines;
use crate::image::HealthCheck;
use crate::input::store_path::{StoreDir, StorePath};

/// What the unit starts.
pub(super) struct Unit<'a, N> {
    /// Name and version, for people.
    pub(super) name: N,
    pub(super) version: &'a str,
    /// The directory that this unit stands in.
    pub(super) layout: &'a Utf8Path,
    pub(super) store_dir: &'a StoreDir,
    /// What is mounted.
    pub(super) paths: &'a BTreeSet<StorePath>,
    /// What tells whether the program does its work.
    pub(super) healthcheck: Option<&'a HealthCheck>,
}

/// The text of `NAME-VERSION.container`. The image comes last of its section, so that it can be read as the end of a
/// command line.
pub(super) fn unit<N: Display>(unit: &Unit<'_, N>) -> String {
    let Unit {
        name,
        version,
        layout,
        store_dir,
        paths,
        healthcheck,
    } = unit;
    let health: String = healthcheck.iter().flat_map(|check| health(check)).collect();
    let volumes = lines(paths, |path| format!("Volume={path}:{path}:ro"));
    format!(
        "\
# A unit for podman's Quadlet: link it as /etc/containers/systemd/NAME.container, run systemctl daemon-reload, and
# NAME.service is there. Ports, volumes and limits of your own go into NAME.container.d/*.conf beside the link, which
# podman reads since 5.0; for an older one make a copy instead of the link, and write them into its section Container.
[Unit]
Description={name} {version}
RequiresMountsFor={store_dir}

[Container]
{volumes}{health}Image=oci:{layout}

[Install]
WantedBy=multi-user.target default.target
"
    )
}

/// The lines of a health check, which podman reads from no configuration of an OCI image.
fn health(check: &HealthCheck) -> Vec<String> {
    // systemd puts values of its own in the place of what begins with %.
    let mut lines = vec![format!(
        "HealthCmd={}\n",
        check.podman_command().replace('%', "%%")
    )];
    lines.extend(check.when().map(|(name, value)| {
        let words = name.split('-').map(|word| {
            let (first, others) = word.split_at(1);
            first.to_ascii_uppercase() + others
        });
        format!("Health{}={value}\n", words.collect::<String>())
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::thin::tests::paths;
    use expect_test::expect;

    #[test]
    fn the_unit_mounts_all_and_ends_with_the_image() {
        let check = serde_json::json!({
            "test": ["/bin/check", "100%"],
            "interval": "30s",
            "startPeriod": "1m",
            "retries": 5,
        });
        let check = serde_json::from_value(check).unwrap();
        let unit = unit(&Unit {
            name: "example.com/hello",
            version: "2.12",
            layout: "/nix/store/x-hello-oci".into(),
            store_dir: &StoreDir::new("/nix/store").unwrap(),
            paths: &paths(),
            healthcheck: Some(&check),
        });
        expect![[r#"
            # A unit for podman's Quadlet: link it as /etc/containers/systemd/NAME.container, run systemctl daemon-reload, and
            # NAME.service is there. Ports, volumes and limits of your own go into NAME.container.d/*.conf beside the link, which
            # podman reads since 5.0; for an older one make a copy instead of the link, and write them into its section Container.
            [Unit]
            Description=example.com/hello 2.12
            RequiresMountsFor=/nix/store

            [Container]
            Volume=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:ro
            Volume=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:ro
            HealthCmd=["/bin/check","100%%"]
            HealthInterval=30s
            HealthStartPeriod=1m
            HealthRetries=5
            Image=oci:/nix/store/x-hello-oci

            [Install]
            WantedBy=multi-user.target default.target
        "#]]
        .assert_eq(&unit);
    }
}
