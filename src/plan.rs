//! The plan: everything about an image that is decided before a byte of it is written.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::attrs::Attrs;
use crate::compress::Method;
use crate::contents::Contents;
use crate::files;
use crate::log::{count, size};
use crate::manifest::ImageManifest;
use crate::merge::{Merge, is_within};
use crate::mounts;
use crate::problem::Problems;
use crate::resolve::{Image, Target};
use crate::skeleton;
use crate::spec::{Kind, Spec};
use crate::store::{Followed, Store};
use crate::store_path::StorePath;
use crate::targets;
use crate::tree::{Attributes, Entry, Node, Origin, Source, Tree};

/// Directories that are filled only when the container runs.
const FILLED_LATER: [&str; 6] = ["/dev", "/proc", "/run", "/sys", "/tmp", "/var"];

/// A checked image, ready to be written.
#[derive(Debug)]
pub struct Plan {
    /// The image manifest.
    pub manifest: ImageManifest,
    /// The root file system.
    pub tree: Tree,
    /// Which store paths it holds or mounts.
    pub contents: Contents,
    /// Store paths from which single files are copied, and which are verified for that.
    pub copied: BTreeSet<StorePath>,
    /// How the archive is compressed.
    pub compression: Method,
    /// Lines for the build log about what may not be meant so.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Checks the description against the closure; all its problems come as one error.
    pub fn new(attrs: &Attrs) -> Result<Self> {
        let Attrs { spec, closure, .. } = attrs;
        let store = Store::new(closure);
        let mut problems = Problems::default();
        let mut warnings = Vec::new();
        let compression = problems.take(Method::from_spec(&spec.compression));
        if let Some(method) = compression {
            problems.check("compression.method", method.fits(spec.face));
        }
        if compression == Some(Method::NONE) && spec.kind != Kind::Thin {
            warnings.push(
                "compression: names of store paths stand readable in an image without compression; a Nix that does \
                 not know unsafeDiscardReferences takes them for references and keeps those store paths with it"
                    .to_owned(),
            );
        }
        let contents = Contents::choose(spec, closure, &mut problems, &mut warnings)?;
        let store_mounts = mounts::mount_points(&contents.mounted)?;
        let manifest = ImageManifest::from_spec(spec, store_mounts, &mut problems, &mut warnings);
        let tree = root(spec, store, &contents, &mut problems, &mut warnings)?;
        let mut of_tree = Problems::default();
        check(&tree, spec, &mut of_tree)?;
        problems.add_untold(of_tree);
        let copied = copied(&tree, store, &contents.packed);
        match (manifest, compression, problems.or(())) {
            (Some(manifest), Some(compression), Ok(())) => Ok(Self {
                manifest,
                tree,
                contents,
                copied,
                compression,
                warnings,
            }),
            (_, _, Err(problems)) => Err(problems.into()),
            (_, _, Ok(())) => bail!("the image was refused without a reason; please report this"),
        }
    }

    /// What will be written, in one line.
    #[must_use]
    pub fn summary(&self, attrs: &Attrs) -> String {
        let Contents { packed, mounted } = &self.contents;
        let paths = |number: usize| count(number as u64, "store path", "store paths");
        match attrs.spec.kind {
            Kind::Thin => format!("thin: mounts {} of the host", paths(mounted.len())),
            Kind::Fat | Kind::Static => format!(
                "packs {}, {}",
                paths(packed.len()),
                size(attrs.closure.nar_size(packed))
            ),
        }
    }

    /// `NAME-VERSION`, which the names of all files of the output begin with.
    #[must_use]
    pub fn stem(&self) -> String {
        let name = self.manifest.name().last_component();
        format!("{name}-{}", self.manifest.version())
    }
}

/// The root file system: packages, then the user's files, then the rest, and last the store.
fn root(
    spec: &Spec,
    store: Store<'_>,
    contents: &Contents,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Result<Tree> {
    for directory in &spec.paths_to_link {
        if directory != "/" {
            problems.check(
                format!("pathsToLink.{directory:?}"),
                files::image_path(directory, store),
            );
        }
    }
    let mut merge = Merge::packages(store, &spec.packages, &spec.paths_to_link, problems)?;
    if spec.kind == Kind::Static {
        // Nothing else of the closure is there, so a link into it would lead nowhere.
        warn_of_lost_links(&merge.tree, contents, store, warnings)?;
    }
    files::put(&mut merge, store, &spec.files, problems)?;
    skeleton::add(&mut merge, spec)?;
    targets::add(&mut merge, store, spec, problems)?;
    files::change(&mut merge, store, &spec.perms, problems)?;
    graft(&mut merge, store, contents, problems)?;
    check_links_out_of_the_closure(&merge, store, problems)?;
    targets::warn_of_hidden_content(&merge.tree, spec, warnings);
    Ok(merge.tree)
}

/// Puts the store paths, or the places to mount them on, where they are in the store.
fn graft(
    merge: &mut Merge<'_>,
    store: Store<'_>,
    contents: &Contents,
    problems: &mut Problems,
) -> Result<()> {
    let store_dir = store.closure().store_dir().as_str();
    if let Some(children) = merge.tree.get(store_dir).and_then(|entry| entry.children())
        && let Some(child) = children.values().next()
    {
        problems.add(
            "packages",
            format!(
                "{} brings content for {store_dir}, where only store paths belong",
                child.origin
            ),
        );
        return Ok(());
    }
    let packed = contents.packed.iter().map(|path| {
        let node = Node::Packed(path.clone());
        Ok((path, node))
    });
    let mounted = contents.mounted.iter().map(|path| {
        let node = match store.follow(path.as_path())? {
            Followed::Directory(_) => (true, path),
            Followed::File { .. } => (false, path),
            other => bail!("{path} cannot be mounted, it leads elsewhere: {other:?}"),
        };
        let (directory, store_path) = (node.0, node.1.clone());
        Ok((
            path,
            Node::Mounted {
                store_path,
                directory,
            },
        ))
    });
    for graft in packed.chain(mounted) {
        let (path, node) = graft?;
        let entry = Entry {
            node,
            attributes: Attributes::root(0o555),
            origin: Origin::Skeleton,
        };
        if let Err((obstacle, origin)) = merge.put(path.as_str(), entry)? {
            problems.add(
                "packages",
                format!("{origin} brings {obstacle}, which is no directory, and the store has to be below it"),
            );
            return Ok(());
        }
    }
    Ok(())
}

/// A link under `/etc` may lead out of the closure only to what the image itself has or gets when it runs; a link that
/// comes back to itself has nothing.
fn check_links_out_of_the_closure(
    merge: &Merge<'_>,
    store: Store<'_>,
    problems: &mut Problems,
) -> Result<()> {
    let image = Image::new(&merge.tree);
    let store_dir = store.closure().store_dir().as_str();
    for (path, target) in &merge.outside {
        let Some(entry) = merge.tree.get(path) else {
            continue;
        };
        let leads = match image.follow(target.as_str())? {
            Target::Directory | Target::File { .. } => true,
            Target::Missing(at) => {
                let mut later = FILLED_LATER.iter();
                later.any(|directory| is_within(&at, directory)) && !is_within(&at, store_dir)
            }
            Target::Loop => false,
        };
        if entry.node == Node::Symlink(target.to_string()) && !leads {
            problems.add(
                "packages",
                format!(
                    "{} has {path}, a link to {target}: that is outside the closure, and nothing of the building \
                     machine goes into an image; give the content with files.{path:?}",
                    entry.origin
                ),
            );
        }
    }
    Ok(())
}

fn warn_of_lost_links(
    tree: &Tree,
    contents: &Contents,
    store: Store<'_>,
    warnings: &mut Vec<String>,
) -> Result<()> {
    tree.visit(&mut |path, entry| {
        if let Node::Symlink(target) = &entry.node
            && let Followed::File { path: real, .. } = store.follow(Utf8Path::new(target))?
            && store
                .owner(real.as_str())
                .is_some_and(|owner| !contents.packed.contains(&owner))
        {
            warnings.push(format!(
                "{path} leads to {real}, which a static image does not hold"
            ));
        }
        Ok(())
    })
}

/// What only the finished tree can tell.
fn check(tree: &Tree, spec: &Spec, problems: &mut Problems) -> Result<()> {
    let image = Image::new(tree);
    let programs = spec
        .exec
        .first()
        .map(|program| ("exec".to_owned(), program));
    let handlers = spec.event_handlers.iter().filter_map(|(name, arguments)| {
        arguments
            .first()
            .map(|program| (format!("eventHandlers.{name}"), program))
    });
    for (argument, program) in programs.into_iter().chain(handlers) {
        if !program.starts_with('/') {
            let rule = "is not absolute, so each runtime would search it elsewhere";
            problems.add(
                argument,
                format!("{program:?} {rule}; write \"/bin/{program}\""),
            );
        } else if let Some(why) = image.why_not_executable(program)? {
            problems.add(argument, why);
        }
    }
    if let Some(directory) = &spec.working_directory
        && directory.starts_with('/')
        && image.follow(directory)? != Target::Directory
    {
        problems.add(
            "workingDirectory",
            format!("{directory} is not a directory of the image; make it with files.{directory:?}.directory = true"),
        );
    }
    for (argument, account, file) in [
        ("user", &spec.user, "/etc/passwd"),
        ("group", &spec.group, "/etc/group"),
    ] {
        if account.starts_with('/') {
            if matches!(image.follow(account)?, Target::Missing(_) | Target::Loop) {
                problems.add(
                    argument,
                    format!("{account} is not in the image, so it has no owner"),
                );
            }
        } else if !account.bytes().all(|byte| byte.is_ascii_digit())
            && account != "root"
            && !has_account(tree, file, account)?
        {
            problems.add(
                argument,
                format!("{account:?} is not in the image's {file}; add it there, or give a number"),
            );
        }
    }
    for path in &spec.path_whitelist {
        if spec.dependencies.is_empty()
            && path.starts_with('/')
            && matches!(image.follow(path)?, Target::Missing(_))
        {
            problems.add("pathWhitelist", format!("{path} is not in the image"));
        }
    }
    Ok(())
}

/// Whether the account file `file` of the image names `account`.
fn has_account(tree: &Tree, file: &str, account: &str) -> Result<bool> {
    let text = match tree.get(file).map(|entry| &entry.node) {
        Some(Node::File(Source::Text(text))) => text.clone(),
        Some(Node::File(Source::Store { path, .. })) => {
            std::fs::read_to_string(path).with_context(|| format!("reading {path}"))?
        }
        _ => return Ok(false),
    };
    let mut names = text.lines().filter_map(|line| line.split(':').next());
    Ok(names.any(|name| name == account))
}

/// The store paths from which single files are copied, but for those that are packed and so verified anyway.
fn copied(tree: &Tree, store: Store<'_>, packed: &BTreeSet<StorePath>) -> BTreeSet<StorePath> {
    let mut copied = BTreeSet::new();
    let visited: Result<(), std::convert::Infallible> = tree.visit(&mut |_, entry| {
        if let Node::File(Source::Store { path, .. }) = &entry.node
            && let Some(owner) = store.owner(path.as_str())
            && !packed.contains(&owner)
        {
            copied.insert(owner);
        }
        Ok(())
    });
    match visited {
        Ok(()) => copied,
        Err(never) => match never {},
    }
}
