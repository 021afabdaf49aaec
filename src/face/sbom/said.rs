//! What is said: the facts of packages, brought to the store paths that they are about.

use std::collections::BTreeMap;

use crate::face::sbom::component::{Component, Kind, Part, is_address, is_cpe};
use crate::face::sbom::licence::Expression;
use crate::face::sbom::purl;
use crate::input::facts::Facts;
use crate::input::store_path::StorePath;

/// What packages say, by store path: the facts, and which output it is.
pub(super) struct Said<'a>(BTreeMap<&'a str, (&'a Facts, &'a str)>);

impl<'a> Said<'a> {
    pub(super) fn new(facts: &'a [Facts]) -> Self {
        let mut said = BTreeMap::new();
        for facts in facts {
            for (output, path) in &facts.outputs {
                said.entry(path.as_str())
                    .or_insert((facts, output.as_str()));
            }
        }
        Self(said)
    }

    /// The component that a store path is.
    pub(super) fn component(
        &self,
        path: &'a StorePath,
        kind: Kind<'a>,
        references: Vec<usize>,
    ) -> Component<'a> {
        let known = self.0.get(path.as_str()).copied();
        let (name, version) = path.name_and_version();
        // Nix puts the name of an output behind the version.
        let output = match known {
            Some((_, output)) => Some(output).filter(|output| *output != "out"),
            None => path.output(),
        };
        let ending = output.map(|output| format!("-{output}"));
        let parted = ending
            .as_deref()
            .and_then(|ending| version.strip_suffix(ending));
        let output = output.filter(|_| parted.is_some());
        let version = Some(parted.unwrap_or(version)).filter(|version| !version.is_empty());
        let mut qualifiers = vec![("hash", path.hash_part())];
        qualifiers.extend(output.map(|output| ("output", output)));
        let facts = known.map(|(facts, _)| facts);
        let purls = facts.map_or(&[][..], |facts| &facts.purls);
        let part = |purl: &'a String| {
            let (name, version) = purl::name_and_version(purl)?;
            Some(Part {
                purl,
                name,
                version,
            })
        };
        let text =
            |text: Option<&'a String>| text.map(String::as_str).filter(|text| !text.is_empty());
        Component {
            key: path.base_name().to_owned(),
            name: name.to_owned(),
            version: version.map(str::to_owned),
            purl: Some(purl::of_nix(name, version, &qualifiers)),
            kind,
            references,
            licence: facts.and_then(|facts| Expression::new(facts.licence.as_ref()?)),
            homepage: text(facts.and_then(|facts| facts.homepage.as_ref()))
                .filter(|text| is_address(text)),
            description: text(facts.and_then(|facts| facts.description.as_ref())),
            cpe: text(facts.and_then(|facts| facts.cpe.as_ref())).filter(|text| is_cpe(text)),
            parts: purls.iter().filter_map(part).collect(),
        }
    }
}
