//! Units: what has systemd start the image. Podman's Quadlet makes a service of one (podman-systemd.unit(5)); the other is a
//! service, for an older podman.

use std::collections::BTreeSet;
use std::fmt::Display;

use camino::Utf8Path;

use super::arguments::lines;
use crate::face::oci::health_arguments;
use crate::image::HealthCheck;
use crate::input::store_path::{StoreDir, StorePath};

/// What is started.
pub(super) struct Units<'a, N> {
    /// Name and version, for people.
    pub(super) name: N,
    pub(super) version: &'a str,
    /// The directory that the units stand in.
    pub(super) layout: &'a Utf8Path,
    pub(super) store_dir: &'a StoreDir,
    /// What is mounted.
    pub(super) paths: &'a BTreeSet<StorePath>,
    /// Volumes that podman keeps, `NAME:PATH`.
    pub(super) volumes: &'a [String],
    /// What tells whether the program does its work.
    pub(super) healthcheck: Option<&'a HealthCheck>,
}

impl<N: Display> Units<'_, N> {
    /// The text of `NAME-VERSION.container`. The volumes are arguments, since a host cannot take one `Volume` out of many.
    pub(super) fn quadlet(&self) -> String {
        let Self { layout, .. } = self;
        let mounts = lines(self.paths, |path| format!("Volume={path}:{path}:ro"));
        let health: String = self.healthcheck.iter().flat_map(|it| health(it)).collect();
        let volumes = lines(self.volumes(), |volume| {
            format!("PodmanArgs={}", exec_word(&volume))
        });
        format!(
            "\
# A unit for podman's Quadlet: copy it to /etc/containers/systemd/NAME.container, run systemctl daemon-reload, and
# NAME.service is there. Ports, volumes and limits of your own go into NAME.container.d/*.conf beside it, which podman reads
# since 5.0; for an older one write them into the section Container. PodmanArgs= there takes away the volumes of the image, so
# that others may take their places.
{}
[Container]
{mounts}{health}{volumes}Image=oci:{layout}
{INSTALL}",
            self.head(),
        )
    }

    /// The text of `NAME-VERSION.service`. Systemd learns of podman when the program has started, and has podman end it.
    pub(super) fn service(&self) -> String {
        let Self { layout, .. } = self;
        let mounts = lines(self.paths, |path| {
            format!("    --volume={path}:{path}:ro \\")
        });
        let health = self.healthcheck.iter().flat_map(|it| health_arguments(it));
        let health = lines(health, |it| format!("    {} \\", exec_word(&it)));
        let volumes: Vec<String> = self.volumes().map(|volume| quoted(&volume)).collect();
        let arguments = quoted(&format!("PODMAN_ARGS={}", volumes.join(" "))).replace('%', "%%");
        format!(
            "\
# A service of systemd for a podman before 5.0: copy it to /etc/systemd/system/NAME.service. Ports, volumes and limits of
# your own are words of the variable PODMAN_ARGS, which NAME.service.d/*.conf sets anew.
{}
[Service]
Type=notify
NotifyAccess=all
KillMode=mixed
Environment={arguments}
ExecStart=/usr/bin/podman run --name=%N --rm --replace --detach --sdnotify=conmon --cgroups=no-conmon $PODMAN_ARGS \\
{mounts}{health}    oci:{layout}
ExecStop=/usr/bin/podman rm --force --ignore --volumes %N
ExecStopPost=-/usr/bin/podman rm --force --ignore --volumes %N
{INSTALL}",
            self.head(),
        )
    }

    fn head(&self) -> String {
        let Self {
            name,
            version,
            store_dir,
            ..
        } = self;
        format!("[Unit]\nDescription={name} {version}\nRequiresMountsFor={store_dir}\n")
    }

    fn volumes(&self) -> impl Iterator<Item = String> {
        self.volumes
            .iter()
            .map(|volume| format!("--volume={volume}"))
    }
}

/// When it is started, by the system's systemd and a user's.
const INSTALL: &str = "\n[Install]\nWantedBy=multi-user.target default.target\n";

/// A word as systemd reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._:=,@%+-".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\""))
    }
}

/// A word of what systemd starts, where it puts values of its own in the place of what begins with % or $.
fn exec_word(word: &str) -> String {
    literal(&quoted(word))
}

fn literal(text: &str) -> String {
    text.replace('%', "%%").replace('$', "$$")
}

/// The lines of a health check, which podman reads from no configuration of an OCI image. Quadlet quotes the command, and
/// leaves it to systemd as it is otherwise.
fn health(check: &HealthCheck) -> Vec<String> {
    let mut lines = vec![format!("HealthCmd={}\n", literal(&check.podman_command()))];
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
    fn the_units_mount_all_and_say_what_systemd_reads_as_it_is() {
        let check = serde_json::json!({
            "test": ["/bin/check", "100% ${HOME} \"it's\""],
            "interval": "30s",
            "startPeriod": "1m",
            "retries": 5,
        });
        let check = serde_json::from_value(check).unwrap();
        let units = Units {
            name: "example.com/hello",
            version: "2.12",
            layout: "/nix/store/x-hello-oci".into(),
            store_dir: &StoreDir::new("/nix/store").unwrap(),
            paths: &paths(),
            volumes: &[
                "hello-data:/data".to_owned(),
                r#"hello-odd:/a "b" \ 1% $c"#.to_owned(),
            ],
            healthcheck: Some(&check),
        };
        expect![[r#"
            # A unit for podman's Quadlet: copy it to /etc/containers/systemd/NAME.container, run systemctl daemon-reload, and
            # NAME.service is there. Ports, volumes and limits of your own go into NAME.container.d/*.conf beside it, which podman reads
            # since 5.0; for an older one write them into the section Container. PodmanArgs= there takes away the volumes of the image, so
            # that others may take their places.
            [Unit]
            Description=example.com/hello 2.12
            RequiresMountsFor=/nix/store

            [Container]
            Volume=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:ro
            Volume=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:ro
            HealthCmd=["/bin/check","100%% $${HOME} \"it's\""]
            HealthInterval=30s
            HealthStartPeriod=1m
            HealthRetries=5
            PodmanArgs=--volume=hello-data:/data
            PodmanArgs="--volume=hello-odd:/a \"b\" \\ 1%% $$c"
            Image=oci:/nix/store/x-hello-oci

            [Install]
            WantedBy=multi-user.target default.target
        "#]].assert_eq(&units.quadlet());
        expect![[r#"
            # A service of systemd for a podman before 5.0: copy it to /etc/systemd/system/NAME.service. Ports, volumes and limits of
            # your own are words of the variable PODMAN_ARGS, which NAME.service.d/*.conf sets anew.
            [Unit]
            Description=example.com/hello 2.12
            RequiresMountsFor=/nix/store

            [Service]
            Type=notify
            NotifyAccess=all
            KillMode=mixed
            Environment="PODMAN_ARGS=--volume=hello-data:/data \"--volume=hello-odd:/a \\\"b\\\" \\\\ 1%% $c\""
            ExecStart=/usr/bin/podman run --name=%N --rm --replace --detach --sdnotify=conmon --cgroups=no-conmon $PODMAN_ARGS \
                --volume=/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:/nix/store/0c5c2h6q0c5c2h6q0c5c2h6q0c5c2h6q-hello-2.12:ro \
                --volume=/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:/nix/store/1d6d3j7r1d6d3j7r1d6d3j7r1d6d3j7r-glibc++_2.39?a=b:ro \
                "--health-cmd=[\"/bin/check\",\"100%% $${HOME} \\\"it's\\\"\"]" \
                --health-interval=30s \
                --health-start-period=1m \
                --health-retries=5 \
                oci:/nix/store/x-hello-oci
            ExecStop=/usr/bin/podman rm --force --ignore --volumes %N
            ExecStopPost=-/usr/bin/podman rm --force --ignore --volumes %N

            [Install]
            WantedBy=multi-user.target default.target
        "#]].assert_eq(&units.service());
    }

    #[test]
    fn an_image_without_volumes_has_no_arguments() {
        let units = Units {
            name: "hello",
            version: "2.12",
            layout: "/nix/store/x-hello-oci".into(),
            store_dir: &StoreDir::new("/nix/store").unwrap(),
            paths: &paths(),
            volumes: &[],
            healthcheck: None,
        };
        assert!(!units.quadlet().contains("\nPodmanArgs="));
        assert!(units.service().contains("\nEnvironment=PODMAN_ARGS=\n"));
    }
}
