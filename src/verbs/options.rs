//! Options: what arguments of podman run and docker run say of ports and mounts.

use crate::face::oci::running::Running;
use crate::image::path::is_within;

/// Takes from `running` what `options` say instead: with two volumes at a path an engine starts nothing, and with two
/// ports of the host it opens both.
pub(super) fn replace(running: &mut Running, options: &[String]) {
    let targets = targets(options);
    running.volumes.retain(|volume| {
        let path = volume.split_once(':').map_or("", |(_, path)| path);
        !targets.contains(&path)
    });
    let published: Vec<Ports<'_>> = values(options, 'p', "--publish")
        .into_iter()
        .filter_map(Ports::read)
        .collect();
    running.ports.retain(|port| {
        let own = Ports::read(port);
        !own.is_some_and(|own| published.iter().any(|other| other.have(&own)))
    });
}

/// Whether something is mounted at the path or below it.
pub(super) fn give(options: &[String], path: &str) -> bool {
    let targets = targets(options);
    targets.into_iter().any(|target| is_within(target, path))
}

/// Where in the container something is mounted.
fn targets(options: &[String]) -> Vec<&str> {
    let volumes = values(options, 'v', "--volume").into_iter().map(|volume| {
        let mut parts = volume.split(':');
        let first = parts.next();
        parts.next().or(first).unwrap_or_default()
    });
    let temporary = values(options, '\0', "--tmpfs").into_iter();
    let temporary = temporary.map(|text| text.split(':').next().unwrap_or_default());
    let mounts = values(options, '\0', "--mount").into_iter();
    let mounts = mounts.flat_map(|text| {
        let members = text.split(',').filter_map(|member| member.split_once('='));
        members.filter(|(name, _)| matches!(*name, "target" | "destination" | "dst"))
    });
    volumes
        .chain(temporary)
        .chain(mounts.map(|(_, path)| path))
        .map(|path| path.trim_end_matches('/'))
        .collect()
}

/// What is said behind an option, as `-p VALUE`, `-pVALUE`, `-dp VALUE`, `--publish VALUE` or `--publish=VALUE`.
fn values<'a>(options: &'a [String], short: char, long: &str) -> Vec<&'a str> {
    /// Those that have no value, and may stand before another one.
    const FLAGS: [char; 5] = ['d', 'i', 't', 'P', 'q'];
    let behind = |option: &'a str| {
        option.strip_prefix(long).or_else(|| {
            let letters = option.strip_prefix('-')?.trim_start_matches(FLAGS);
            letters.strip_prefix(short)
        })
    };
    let each = options.iter().enumerate();
    each.filter_map(|(place, option)| match behind(option)? {
        "" => options.get(place + 1).map(String::as_str),
        rest => rest
            .strip_prefix('=')
            .or_else(|| (!option.starts_with("--")).then_some(rest)),
    })
    .collect()
}

/// Ports of the container.
struct Ports<'a> {
    first: u16,
    last: u16,
    protocol: &'a str,
}

impl<'a> Ports<'a> {
    /// Of `[[ADDRESS:]HOST:]FIRST[-LAST][/PROTOCOL]`.
    fn read(text: &'a str) -> Option<Self> {
        let ports = text.rsplit(':').next()?;
        let (range, protocol) = ports.split_once('/').unwrap_or((ports, "tcp"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(Self {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
            protocol,
        })
    }

    fn have(&self, other: &Self) -> bool {
        self.protocol == other.protocol && self.first <= other.first && other.last <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_is_said_takes_the_place_of_the_images_own() {
        let all = ["8080:80", "8053:53/udp", "7000-7002:7000-7002"];
        for (options, left) in [
            ("-p 80:80", &all[1..]),
            ("-p80", &all[1..]),
            ("-dp 127.0.0.1:9:80/tcp", &all[1..]),
            ("--publish [::1]:80:80", &all[1..]),
            ("--publish=9000-9099:1-99", &all[1..]),
            ("-p 9000-9099:1-99/udp -p 1:80", &all[2..]),
            ("-p 7001:7001", &all[..]),
            ("-p 80:8080 --pod p --publish-all", &all[..]),
        ] {
            let mut running = Running {
                ports: of(&all.join(" ")),
                ..Running::default()
            };
            replace(&mut running, &of(options));
            assert_eq!(running.ports, left, "{options}");
        }
        for (options, left) in [
            ("-v /here:/data", 0),
            ("-v/data/", 0),
            ("--volume=/here:/data:ro", 0),
            ("--tmpfs /data:size=1m", 0),
            ("--mount type=bind,src=/here,dst=/data", 0),
            ("-itv mine:/data", 0),
            ("-v /data:/backup", 1),
            ("-v /here:/data/part", 1),
            ("--volumes-from other --mount type=bind,src=/data,dst=/x", 1),
        ] {
            let mut running = Running {
                volumes: of("web-data:/data"),
                ..Running::default()
            };
            replace(&mut running, &of(options));
            assert_eq!(running.volumes.len(), left, "{options}");
        }
    }

    #[test]
    fn what_is_read_is_given_whole_or_in_part() {
        for (options, wanted) in [
            ("-v /here:/etc/app:ro", true),
            ("-v /here/file:/etc/app/file:ro", true),
            ("-v /etc/app:/elsewhere", false),
            ("-e PATHS=/etc/app", false),
        ] {
            assert_eq!(give(&of(options), "/etc/app"), wanted, "{options}");
        }
    }
}
