//! Losses: what of an image the OCI form cannot say, each with the argument of the runtime that says it instead.

use crate::face::oci::mapping::{self, Said};
use crate::face::word;
use crate::image::path::is_within;
use crate::image::{Image, Isolator, Quantity, Resource};

/// What an amount has at its finest.
const NANOS: u128 = 1_000_000_000;

/// What is lost, a line each. The store's own mounts are not: they have files beside the image.
#[must_use]
pub fn losses(image: &Image, store_dir: &str) -> Vec<String> {
    let mut losses = Vec::new();
    if image.stands_on_unknown() {
        let instead =
            "those that mkACI has not made are not in it; fromImage puts an OCI image below";
        losses.push(lost("dependencies", instead));
    }
    if !image.path_whitelist.is_empty() {
        losses.push(lost("pathWhitelist", "the image has all paths"));
    }
    if !image.event_handlers.is_empty() {
        let instead = "run them from the unit or script that starts the container";
        losses.push(lost("eventHandlers", instead));
    }
    let groups = image.supplementary_gids.iter();
    let groups: Vec<String> = groups
        .map(|id| format!("--group-add={}", id.get()))
        .collect();
    if !groups.is_empty() {
        losses.push(lost("supplementaryGIDs", &give(&groups)));
    }
    losses.extend(image.isolators.iter().filter_map(isolator));
    let volumes = image.mounts.iter().filter(|(_, mount)| mount.read_only);
    let volumes = volumes.map(|(_, mount)| mount.path.as_str());
    let volumes: Vec<String> = volumes
        .filter(|path| !is_within(path, store_dir))
        .map(|path| format!("--volume={}", word(&format!("SOURCE:{path}:ro"))))
        .collect();
    if !volumes.is_empty() {
        losses.push(lost("mountsRo", &give(&volumes)));
    }
    if let Some(check) = &image.healthcheck {
        let arguments = super::health_arguments(check);
        let arguments: Vec<String> = arguments.iter().map(|text| in_words(text)).collect();
        let what = format!(
            "Docker reads this from the image, podman from one of Docker's format alone; from this one, {} to podman",
            give(&arguments)
        );
        losses.push(format!("healthcheck: {what}"));
    }
    if image.ports.values().any(|port| port.socket_activated) {
        losses.push(lost(
            "ports.*.socketActivated",
            "use a socket unit of systemd",
        ));
    }
    overwritten(&mapping::annotations(image), &mut losses);
    overwritten(&mapping::labels(image), &mut losses);
    losses
}

fn lost(argument: &str, instead: &str) -> String {
    format!("{argument}: an OCI image cannot say this; {instead}")
}

fn give(arguments: &[String]) -> String {
    format!("give the runtime {}", arguments.join(" "))
}

/// The isolator with its value; nothing where it says what holds anyway.
fn isolator(isolator: &Isolator) -> Option<String> {
    let instead = match isolator {
        Isolator::Cpu(cpu) => give(&cpus(*cpu)),
        Isolator::Memory(memory) => give(&bytes(memory.get())),
        Isolator::BlockBandwidth(limit) => give(&devices("bps", limit.limit)),
        Isolator::BlockIops(limit) => give(&devices("iops", limit.limit)),
        Isolator::NetworkBandwidth(_) => {
            "no runtime has an argument for it; limit the container's network with tc".to_owned()
        }
        Isolator::CapabilitiesRetain(set) => {
            let names = set.set.iter();
            let names = names.map(|name| capability("--cap-add", name.as_str()));
            let all = ["--cap-drop=all".to_owned()];
            give(&all.into_iter().chain(names).collect::<Vec<String>>())
        }
        Isolator::CapabilitiesRemove(set) => {
            let names = set.set.iter();
            let names = names.map(|name| capability("--cap-drop", name.as_str()));
            give(&names.collect::<Vec<String>>())
        }
        Isolator::SeccompRetain(_) => profile("these system calls alone"),
        Isolator::SeccompRemove(_) => profile("all system calls but these"),
        Isolator::NoNewPrivileges(false) => return None,
        Isolator::NoNewPrivileges(true) => give(&["--security-opt=no-new-privileges".to_owned()]),
        Isolator::OomScoreAdj(score) => give(&[format!("--oom-score-adj={}", score.get())]),
        Isolator::CpuShares(shares) => give(&[format!("--cpu-shares={}", shares.get())]),
        Isolator::SelinuxContext(context) => {
            let parts = [
                ("user", context.user.as_str()),
                ("role", context.role.as_str()),
                ("type", context.domain.as_str()),
                ("level", context.level.as_str()),
            ];
            give(&parts.map(|(part, text)| {
                let label = word(&format!("label={part}:{text}"));
                format!("--security-opt={label}")
            }))
        }
        Isolator::Sysctl(settings) => {
            let settings = settings.iter();
            let settings = settings.map(|(name, value)| word(&format!("{name}={value}")));
            let arguments = settings.map(|setting| format!("--sysctl={setting}"));
            give(&arguments.collect::<Vec<String>>())
        }
    };
    let json = serde_json::to_value(isolator).unwrap_or_default();
    Some(format!(
        "isolators.{}: an OCI image cannot say {}; {instead}",
        json["name"], json["value"]
    ))
}

/// `--NAME=VALUE` with a value that the shell takes as it is.
fn in_words(argument: &str) -> String {
    match argument.split_once('=') {
        Some((name, value)) => format!("{name}={}", word(value)),
        None => word(argument),
    }
}

fn cpus(cpu: Resource) -> Vec<String> {
    let limit = cpu.limit.map(|limit| {
        let nanos = limit.nanos();
        let cpus = format!("{}.{:09}", nanos / NANOS, nanos % NANOS);
        let cpus = cpus.trim_end_matches('0').trim_end_matches('.');
        format!("--cpus={cpus}")
    });
    // A core has so many shares.
    let shares = |request: Quantity| (request.nanos() * 1024 / NANOS).clamp(2, 262_144);
    let request = cpu.request.map(shares);
    let request = request.map(|shares| format!("--cpu-shares={shares}"));
    limit.into_iter().chain(request).collect()
}

fn bytes(memory: Resource) -> Vec<String> {
    let argument = |name, amount: Quantity| format!("--{name}={}", amount.nanos() / NANOS);
    let limit = memory.limit.map(|limit| argument("memory", limit));
    let request = memory
        .request
        .map(|request| argument("memory-reservation", request));
    limit.into_iter().chain(request).collect()
}

fn devices(unit: &str, limit: Quantity) -> [String; 2] {
    let limit = (limit.nanos() / NANOS).max(1);
    ["read", "write"].map(|way| format!("--device-{way}-{unit}=DEVICE:{limit}"))
}

fn capability(argument: &str, name: &str) -> String {
    format!("{argument}={}", name.strip_prefix("CAP_").unwrap_or(name))
}

fn profile(calls: &str) -> String {
    format!("give the runtime --security-opt=seccomp=FILE, a profile that allows {calls}")
}

/// What stands under a name that a later argument gives too, with another value.
fn overwritten(said: &[Said<'_>], losses: &mut Vec<String>) {
    for (number, lost) in said.iter().enumerate() {
        let later = said[number + 1..].iter().rev();
        let mut same = later.filter(|other| other.name == lost.name);
        if let Some(kept) = same.next().filter(|kept| kept.value != lost.value) {
            losses.push(format!(
                "{}: the image says {:?} under this name, from {}, and not {:?}",
                lost.argument, kept.value, kept.argument, lost.value
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn of(isolators: &str) -> String {
        let text = format!(
            r#"{{"name": "example.com/app", "version": "1", "platform": {{"os": "linux", "arch": "amd64"}},
                "exec": ["/a"], "user": "0", "group": "0", "isolators": [{isolators}]}}"#
        );
        let image: Image = serde_json::from_str(&text).unwrap();
        losses(&image, "/nix/store").join("\n") + "\n"
    }

    #[test]
    fn each_isolator_has_its_argument() {
        let first = r#"
            {"name": "resource/cpu", "value": {"request": "250m", "limit": "1500m"}},
            {"name": "resource/memory", "value": {"request": "512Mi", "limit": "1Gi"}},
            {"name": "resource/block-bandwidth", "value": {"default": true, "limit": "2M"}},
            {"name": "resource/block-iops", "value": {"default": true, "limit": "1000"}},
            {"name": "resource/network-bandwidth", "value": {"default": true, "limit": "1G"}},
            {"name": "os/linux/capabilities-retain-set", "value": {"set": ["CAP_KILL", "CAP_NET_RAW"]}},
            {"name": "os/linux/seccomp-retain-set", "value": {"set": ["read"], "errno": "EPERM"}},
            {"name": "os/linux/no-new-privileges", "value": true},
            {"name": "os/linux/oom-score-adj", "value": -100},
            {"name": "os/linux/cpu-shares", "value": 512},
            {"name": "os/linux/selinux-context",
                "value": {"user": "u", "role": "r", "type": "t", "level": "s0:c1,c2"}},
            {"name": "os/unix/sysctl", "value": {"net.core.somaxconn": "1", "net.ipv4.ping_group_range": "0 9"}}"#;
        let second = r#"
            {"name": "resource/cpu", "value": {"limit": "2"}},
            {"name": "os/linux/capabilities-remove-set", "value": {"set": ["CAP_KILL", "CAP_MKNOD"]}},
            {"name": "os/linux/seccomp-remove-set", "value": {"set": ["reboot"]}},
            {"name": "os/linux/no-new-privileges", "value": false}"#;
        expect![[r#"
            isolators."resource/cpu": an OCI image cannot say {"limit":"1500m","request":"250m"}; give the runtime --cpus=1.5 --cpu-shares=256
            isolators."resource/memory": an OCI image cannot say {"limit":"1Gi","request":"512Mi"}; give the runtime --memory=1073741824 --memory-reservation=536870912
            isolators."resource/block-bandwidth": an OCI image cannot say {"default":true,"limit":"2M"}; give the runtime --device-read-bps=DEVICE:2000000 --device-write-bps=DEVICE:2000000
            isolators."resource/block-iops": an OCI image cannot say {"default":true,"limit":"1k"}; give the runtime --device-read-iops=DEVICE:1000 --device-write-iops=DEVICE:1000
            isolators."resource/network-bandwidth": an OCI image cannot say {"default":true,"limit":"1G"}; no runtime has an argument for it; limit the container's network with tc
            isolators."os/linux/capabilities-retain-set": an OCI image cannot say {"set":["CAP_KILL","CAP_NET_RAW"]}; give the runtime --cap-drop=all --cap-add=KILL --cap-add=NET_RAW
            isolators."os/linux/seccomp-retain-set": an OCI image cannot say {"errno":"EPERM","set":["read"]}; give the runtime --security-opt=seccomp=FILE, a profile that allows these system calls alone
            isolators."os/linux/no-new-privileges": an OCI image cannot say true; give the runtime --security-opt=no-new-privileges
            isolators."os/linux/oom-score-adj": an OCI image cannot say -100; give the runtime --oom-score-adj=-100
            isolators."os/linux/cpu-shares": an OCI image cannot say 512; give the runtime --cpu-shares=512
            isolators."os/linux/selinux-context": an OCI image cannot say {"level":"s0:c1,c2","role":"r","type":"t","user":"u"}; give the runtime --security-opt=label=user:u --security-opt=label=role:r --security-opt=label=type:t --security-opt=label=level:s0:c1,c2
            isolators."os/unix/sysctl": an OCI image cannot say {"net.core.somaxconn":"1","net.ipv4.ping_group_range":"0 9"}; give the runtime --sysctl=net.core.somaxconn=1 --sysctl='net.ipv4.ping_group_range=0 9'
            isolators."resource/cpu": an OCI image cannot say {"limit":"2"}; give the runtime --cpus=2
            isolators."os/linux/capabilities-remove-set": an OCI image cannot say {"set":["CAP_KILL","CAP_MKNOD"]}; give the runtime --cap-drop=KILL --cap-drop=MKNOD
            isolators."os/linux/seccomp-remove-set": an OCI image cannot say {"set":["reboot"]}; give the runtime --security-opt=seccomp=FILE, a profile that allows all system calls but these
        "#]].assert_eq(&(of(first) + &of(second)));
    }
}
