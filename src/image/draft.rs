//! A draft: a manifest that nobody has judged yet, each value with the place where its author wrote it.
//!
//! A spec and a manifest in JSON name the same things differently (`mounts.data`, `app.mountPoints[0].path`). Both
//! become a draft, and a draft is judged in one way. A value that is needed and is `None` was missing, and was told.

use serde_json::Value;

/// A value, and the argument or JSON path where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) place: String,
    pub(super) value: T,
}

impl<T> At<T> {
    pub(super) fn new(place: impl Into<String>, value: T) -> Self {
        Self {
            place: place.into(),
            value,
        }
    }
}

/// A name with a value: a label, a variable, an annotation.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) name: At<String>,
    pub(super) value: At<String>,
}

/// A list, and where it stands even when it is empty.
pub(super) type List<T> = At<Vec<At<T>>>;

/// The whole manifest.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: Option<At<String>>,
    pub(super) labels: Vec<Pair>,
    /// Where a label that is missing is to be written.
    pub(super) missing_label: fn(&str) -> String,
    pub(super) app: Option<AppDraft>,
    pub(super) dependencies: Vec<DependencyDraft>,
    pub(super) path_whitelist: Vec<At<String>>,
    pub(super) annotations: Vec<Pair>,
}

/// The section `app`.
#[derive(Debug)]
pub(super) struct AppDraft {
    pub(super) exec: List<String>,
    pub(super) user: Option<At<String>>,
    pub(super) group: Option<At<String>>,
    pub(super) supplementary_gids: Vec<At<Value>>,
    pub(super) event_handlers: Vec<HandlerDraft>,
    pub(super) working_directory: Option<At<String>>,
    pub(super) environment: Vec<Pair>,
    pub(super) mount_points: Vec<MountDraft>,
    pub(super) ports: Vec<PortDraft>,
    pub(super) isolators: Vec<IsolatorDraft>,
    pub(super) user_annotations: Vec<Pair>,
    pub(super) user_labels: Vec<Pair>,
}

#[derive(Debug)]
pub(super) struct HandlerDraft {
    pub(super) name: At<String>,
    pub(super) exec: List<String>,
}

#[derive(Debug)]
pub(super) struct MountDraft {
    pub(super) name: At<String>,
    pub(super) path: At<String>,
    pub(super) read_only: bool,
}

#[derive(Debug)]
pub(super) struct PortDraft {
    pub(super) name: At<String>,
    pub(super) protocol: At<String>,
    pub(super) port: At<Value>,
    pub(super) count: Option<At<Value>>,
    pub(super) socket_activated: bool,
}

#[derive(Debug)]
pub(super) struct IsolatorDraft {
    pub(super) name: At<String>,
    pub(super) value: At<Value>,
}

#[derive(Debug)]
pub(super) struct DependencyDraft {
    pub(super) place: String,
    pub(super) image_name: At<String>,
    pub(super) image_id: Option<At<String>>,
    pub(super) labels: Vec<Pair>,
    pub(super) size: Option<At<Value>>,
}
