//! Running: what podman and Docker have to be told of an image to run it, which no configuration says.

use serde::{Deserialize, Serialize};

use crate::face::word;
use crate::image::path::is_within;
use crate::image::{Image, Mount, Name, Port, Protocol};

/// Where it stands beside the layout.
pub(crate) const FILE: &str = "run.json";

/// What the reader of a command replaces.
pub(crate) const ON_HOST: &str = "/path/on/this/host";

/// What `run` has to say.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Whether the program wants a terminal.
    #[serde(default)]
    pub(crate) terminal: bool,
    /// `HOST:IMAGE`, with `/udp` behind it where it is not TCP.
    #[serde(default)]
    pub(crate) ports: Vec<String>,
    /// Volumes that the engine keeps, `NAME:PATH`.
    #[serde(default)]
    pub(crate) volumes: Vec<String>,
    /// Paths that only who runs the image can give something to read for.
    #[serde(default)]
    pub(crate) given: Vec<String>,
    /// What podman alone has to be told: it reads health checks from no configuration.
    #[serde(default)]
    pub(crate) podman: Vec<String>,
}

impl Running {
    /// What is to be said of `image`.
    pub(crate) fn of(image: &Image, store_dir: &str) -> Self {
        let mut running = Self {
            terminal: image.terminal,
            ports: image
                .ports
                .values()
                .map(|port| publish(port, image))
                .collect(),
            ..Self::default()
        };
        for (name, mount) in own_mounts(image, store_dir) {
            let path = mount.path.as_str();
            if mount.read_only {
                running.given.push(path.to_owned());
            } else {
                // A new one gets owner, mode and content of what it covers.
                let volume = Name::sanitised(&format!("{}-{name}", image.name.last_component()));
                running.volumes.push(format!("{volume}:{path}"));
            }
        }
        if let Some(check) = &image.healthcheck {
            running.podman = super::health_arguments(check);
        }
        running
    }

    /// The arguments for either engine, but for what is given: that is left to who runs it.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let terminal = self.terminal.then(|| "-it".to_owned());
        let ports = self
            .ports
            .iter()
            .map(|port| ["-p".to_owned(), port.clone()]);
        let volumes = self.volumes.iter();
        let volumes = volumes.map(|volume| ["-v".to_owned(), volume.clone()]);
        terminal
            .into_iter()
            .chain(ports.chain(volumes).flatten())
            .collect()
    }

    /// The arguments for what is only read, from where only the one who runs it knows.
    pub(crate) fn given(&self) -> Vec<String> {
        let given = self.given.iter();
        given
            .flat_map(|path| ["-v".to_owned(), format!("{ON_HOST}:{path}:ro")])
            .collect()
    }
}

/// The arguments as a part of a command line that can be pasted.
pub(crate) fn words(arguments: &[String]) -> String {
    let words = arguments.iter().map(|text| word(text));
    words.collect::<Vec<_>>().join(" ")
}

/// The mounts of `image` by name, but for its store paths, which have a list of their own.
pub(crate) fn own_mounts<'a>(
    image: &'a Image,
    store_dir: &'a str,
) -> impl Iterator<Item = (&'a Name, &'a Mount)> {
    image.mounts.iter().filter(move |(_, mount)| {
        let path = mount.path.as_str();
        path == store_dir || !is_within(path, store_dir)
    })
}

/// What leads from the host to a port, for all users: ports below 1024 are root's, so
/// others of the host lead there, where the image has not those itself.
fn publish(port: &Port, image: &Image) -> String {
    let (first, last) = (*port.range.start(), *port.range.end());
    let is_free = |first: u16, last: u16| {
        let others = image.ports.values();
        let mut others = others.filter(|other| other.protocol == port.protocol);
        !others.any(|other| *other.range.start() <= last && first <= *other.range.end())
    };
    let moved = (first < ROOTS && last < u16::MAX - MOVED)
        .then(|| (first + MOVED, last + MOVED))
        .filter(|(first, last)| is_free(*first, *last));
    let (from, to) = moved.unwrap_or((first, last));
    let range = |first: u16, last: u16| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    let protocol = match port.protocol {
        Protocol::Tcp => "",
        Protocol::Udp => "/udp",
    };
    format!("{}:{}{protocol}", range(from, to), range(first, last))
}

/// Ports below this one are root's.
const ROOTS: u16 = 1024;

/// So far above such a port is one that stands for it: 8080 for 80.
const MOVED: u16 = 8000;
