//! The pages: one of all images, and one of each name. Each is one file that needs nothing else, and runs nothing.
//!
//! All of them have the tags of appc's discovery, so that a client that asks for a name finds them there, or a step
//! further up.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use crate::face::html::{self, escaped, filled};
use crate::face::site::catalog::{Beside, Catalog, Entry, Form};
use crate::face::word;
use crate::host::log::{count, size};
use crate::rules::RULES;

const BODY: &str = include_str!("page/page.html");
const SECTION: &str = include_str!("page/section.html");
const ROW: &str = include_str!("page/row.html");
const STYLE: &str = include_str!("page/page.css");

/// All pages of a site, and the list for programs, by their names.
pub(crate) fn texts(catalog: &Catalog) -> Result<Vec<(String, String)>> {
    let mut sorted = catalog.clone();
    sorted.sort();
    let list = serde_json::to_string_pretty(&sorted).context("writing the list of images")?;
    let mut texts = pages(&sorted);
    texts.push((RULES.site.list.clone(), list + "\n"));
    Ok(texts)
}

/// The pages of a catalog that is sorted, by their names.
fn pages(catalog: &Catalog) -> Vec<(String, String)> {
    let mut images: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &catalog.images {
        images.entry(&entry.path).or_default().push(entry);
    }
    let newest = catalog.newest().into_iter();
    let newest: BTreeSet<&str> = newest.map(|entry| entry.file.as_str()).collect();
    let own = &RULES.site.page;
    let mut pages = vec![(own.clone(), index(catalog, &newest, &images))];
    for (path, entries) in &images {
        let page = Page {
            catalog,
            newest: &newest,
            up: "../".repeat(path.split('/').count()),
        };
        pages.push((format!("{path}/{own}"), page.of_one(path, entries)));
    }
    pages
}

fn index(
    catalog: &Catalog,
    newest: &BTreeSet<&str>,
    images: &BTreeMap<&str, Vec<&Entry>>,
) -> String {
    let page = Page {
        catalog,
        newest,
        up: String::new(),
    };
    let heading = format!(
        "<h1>{}</h1>\n<p class=\"muted\">{}</p>\n{}",
        escaped(&catalog.domain),
        count(images.len() as u64, "image", "images"),
        page.trust()
    );
    let sections: Vec<String> = images
        .iter()
        .map(|(path, entries)| {
            let title = format!("<a href=\"{}/\">{}</a>", escaped(path), escaped(path));
            page.section(path, &title, entries, |is_newest| is_newest)
        })
        .collect();
    page.filled(&catalog.domain, &heading, &sections.concat())
}

/// A page of a site.
struct Page<'a> {
    catalog: &'a Catalog,
    /// The files of the newest images.
    newest: &'a BTreeSet<&'a str>,
    /// What leads from it to the root of the site.
    up: String,
}

impl Page<'_> {
    /// The page of one name.
    fn of_one(&self, path: &str, entries: &[&Entry]) -> String {
        let name = entries.first().map_or(path, |entry| &entry.name);
        let heading = format!(
            "<p><a href=\"{}\">{}</a></p>\n<h1>{}</h1>\n{}",
            self.up,
            escaped(&self.catalog.domain),
            escaped(path),
            self.trust()
        );
        let mut versions: Vec<Vec<&Entry>> = Vec::new();
        for entry in entries {
            match versions.last_mut() {
                Some(last) if last[0].version == entry.version => last.push(entry),
                _ => versions.push(vec![entry]),
            }
        }
        let sections: Vec<String> = versions
            .iter()
            .map(|entries| {
                let version = entries.first().map_or("", |entry| &entry.version);
                self.section(version, &escaped(version), entries, |_| true)
            })
            .collect();
        self.filled(name, &heading, &sections.concat())
    }

    fn filled(&self, title: &str, heading: &str, images: &str) -> String {
        let list = &RULES.site.list;
        let footer = format!(
            "The same for programs: <a href=\"{}{list}\">{list}</a>",
            self.up
        );
        let parts = [
            ("@HEADING@", heading),
            ("@IMAGES@", images),
            ("@FOOTER@", &footer),
        ];
        html::Page {
            title,
            head: &self.discovery(),
            style: STYLE,
            body: &filled(BODY, &parts),
            ..html::Page::default()
        }
        .html()
    }

    /// The tags by which rkt finds images and keys. Every name begins with the domain, and so does every address.
    fn discovery(&self) -> String {
        let domain = escaped(&self.catalog.domain);
        let images = format!(
            "<meta name=\"ac-discovery\" content=\"{domain} https://{{name}}-{{version}}-{{os}}-{{arch}}.{{ext}}\">\n"
        );
        if !self.catalog.public_key {
            return images;
        }
        let keys = &RULES.site.keys;
        format!(
            "{images}<meta name=\"ac-discovery-pubkeys\" content=\"{domain} https://{domain}/{keys}\">\n"
        )
    }

    /// What there is to know of the key.
    fn trust(&self) -> String {
        if !self.catalog.images.iter().any(|entry| entry.signed) {
            return String::new();
        }
        let (domain, keys) = (&self.catalog.domain, &RULES.site.keys);
        let fingerprint = self.catalog.fingerprint.as_deref();
        let fingerprint = fingerprint.map(|fingerprint| {
            format!(
                " <code class=\"fingerprint\">{}</code>",
                escaped(fingerprint)
            )
        });
        format!(
            "<div class=\"trust\">\n<p>Images are signed with the key{} in <a href=\"{}{keys}\">{keys}</a>.</p>\n{}</div>\n",
            fingerprint.unwrap_or_default(),
            self.up,
            commands(&[format!("rkt trust --prefix={domain}")])
        )
    }

    /// What there is of `entries`, with commands for those that are `told`, which is asked whether one is the newest.
    fn section(
        &self,
        id: &str,
        title: &str,
        entries: &[&Entry],
        told: impl Fn(bool) -> bool,
    ) -> String {
        let is_newest = |entry: &Entry| self.newest.contains(entry.file.as_str());
        let rows: Vec<String> = entries
            .iter()
            .map(|entry| self.row(entry, is_newest(entry)))
            .collect();
        let mut how = Vec::new();
        for entry in entries.iter().filter(|entry| told(is_newest(entry))) {
            let (title, lines) = self.how(entry);
            // rkt takes the image for its own machine.
            let shown = format!("<div>\n<h3>{title}</h3>\n{}</div>\n", commands(&lines));
            if !how.contains(&shown) {
                how.push(shown);
            }
        }
        let parts = [
            ("@ID@", &*escaped(id)),
            ("@TITLE@", title),
            ("@ROWS@", &rows.concat()),
            ("@HOW@", &how.concat()),
        ];
        filled(SECTION, &parts)
    }

    fn row(&self, entry: &Entry, is_newest: bool) -> String {
        let link = |file: &str, text: &str| {
            format!(
                "<li><a href=\"{}{}\">{text}</a></li>",
                self.up,
                escaped(file)
            )
        };
        let mut files = vec![link(&entry.file, "image")];
        if entry.signed {
            files.push(link(&entry.signature(), "signature"));
        }
        for (what, file) in &entry.beside {
            let text = match what {
                Beside::Report => "report",
                Beside::Cyclonedx => "CycloneDX",
                Beside::Spdx => "SPDX",
            };
            files.push(link(file, text));
        }
        let form = match entry.form {
            Form::Aci => "ACI",
            Form::Oci => "OCI",
        };
        let latest = if is_newest {
            " <span class=\"latest\">latest</span>"
        } else {
            ""
        };
        let parts = [
            ("@VERSION@", &*escaped(&entry.version)),
            ("@LATEST@", latest),
            (
                "@PLATFORM@",
                &escaped(&format!("{}/{}", entry.os, entry.arch)),
            ),
            ("@FORM@", form),
            ("@SIZE@", &size(entry.size)),
            ("@ID@", &escaped(&entry.id)),
            ("@FILES@", &files.concat()),
        ];
        filled(ROW, &parts)
    }

    /// What fetches and runs an image, and for whom.
    fn how(&self, entry: &Entry) -> (String, Vec<String>) {
        let domain = &self.catalog.domain;
        let arguments = match entry.arguments.as_str() {
            "" => String::new(),
            arguments => format!(" {arguments}"),
        };
        match entry.form {
            Form::Aci => {
                let rkt = if entry.signed {
                    "rkt"
                } else {
                    "rkt --insecure-options=image"
                };
                let name = format!("{}:{}", entry.name, entry.version);
                let lines = vec![
                    format!("{rkt} fetch {name}"),
                    format!("{rkt} run{arguments} {name}"),
                ];
                ("rkt".to_owned(), lines)
            }
            Form::Oci => {
                let file = entry.file.rsplit('/').next().unwrap_or(&entry.file);
                let reference = entry.reference.as_deref().unwrap_or(file);
                let lines = vec![
                    format!(
                        "curl -fO {}",
                        word(&format!("https://{domain}/{}", entry.file))
                    ),
                    format!("podman load -i {}", word(file)),
                    format!("podman run --rm{arguments} {}", word(reference)),
                ];
                let platform = format!("{}/{}", entry.os, entry.arch);
                (
                    format!("podman, or docker, on {}", escaped(&platform)),
                    lines,
                )
            }
        }
    }
}

/// Commands that can be copied, one by one.
fn commands(lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("<code>{}</code>", escaped(line)))
        .collect();
    format!("<pre>{}</pre>\n", lines.concat())
}

#[cfg(test)]
mod tests;
