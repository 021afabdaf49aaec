//! Inheriting: what an image takes over of how the image from elsewhere below it is run (argument `fromImage`).

use crate::face::oci::document::Execution;
use crate::input::foreign;

/// Adds to how an image is run what is taken over from `theirs`.
///
/// Its variables are there unless the image has others of these names; what it exposes is exposed. Its program is run
/// where the image names none, and ends by its signal. Its user was taken over before, as the tree depends on it.
pub(crate) fn add(own: &mut Execution, theirs: &foreign::Execution) {
    let name = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    let mut env: Vec<String> = theirs.env.clone();
    env.retain(|variable| own.env.iter().all(|other| name(other) != name(variable)));
    env.append(&mut own.env);
    own.env = env;
    own.exposed_ports
        .extend(theirs.exposed_ports.iter().cloned());
    own.volumes.extend(theirs.volumes.iter().cloned());
    if own.working_dir.is_none() {
        own.working_dir.clone_from(&theirs.working_dir);
    }
    if own.entrypoint.is_empty() && own.cmd.is_empty() {
        own.entrypoint.clone_from(&theirs.entrypoint);
        own.cmd.clone_from(&theirs.cmd);
        if own.stop_signal.is_none() {
            own.stop_signal.clone_from(&theirs.stop_signal);
        }
    }
}
