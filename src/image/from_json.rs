//! From JSON to a draft: the members of the specification, and no others.

use serde_json::Value;

use super::draft::{
    AppDraft, At, DependencyDraft, Draft, HandlerDraft, IsolatorDraft, MountDraft, Pair, PortDraft,
};
use super::findings::Findings;
use super::invalid::shown;
use super::members::{Members, strings};
use super::{AC_KIND, AC_VERSION};

/// The draft that the manifest `value` is; None when it is no object.
pub(super) fn draft(value: Value, findings: &mut Findings<'_>) -> Option<Draft> {
    let mut members = Members::open(At::new("", value), findings)?;
    header("acKind", AC_KIND, &mut members, findings);
    header("acVersion", AC_VERSION, &mut members, findings);
    let draft = Draft {
        name: members.need_string("name", findings),
        labels: pairs("labels", &mut members, findings),
        missing_label: |_| "labels".to_owned(),
        app: members.take("app").and_then(|value| app(value, findings)),
        dependencies: each("dependencies", &mut members, findings, dependency),
        path_whitelist: strings(members.list("pathWhitelist", findings).value, findings),
        annotations: pairs("annotations", &mut members, findings),
    };
    members.close(findings);
    Some(draft)
}

fn header(name: &'static str, wanted: &str, members: &mut Members, findings: &mut Findings<'_>) {
    if let Some(At { place, value }) = members.need_string(name, findings)
        && value != wanted
    {
        findings.problem(&place, format_args!("{} is not {wanted:?}", shown(&value)));
    }
}

/// The list `name` of objects, each read by `read`; what cannot be read was told.
fn each<T>(
    name: &'static str,
    members: &mut Members,
    findings: &mut Findings<'_>,
    read: fn(&mut Members, &mut Findings<'_>) -> Option<T>,
) -> Vec<T> {
    let items = members.list(name, findings).value;
    items
        .into_iter()
        .filter_map(|item| {
            let mut members = Members::open(item, findings)?;
            let read = read(&mut members, findings);
            members.close(findings);
            read
        })
        .collect()
}

fn pairs(name: &'static str, members: &mut Members, findings: &mut Findings<'_>) -> Vec<Pair> {
    each(name, members, findings, |members, findings| {
        let name = members.need_string("name", findings);
        let value = members.need_string("value", findings);
        Some(Pair {
            name: name?,
            value: value?,
        })
    })
}

fn strings_by_name(
    name: &'static str,
    members: &mut Members,
    findings: &mut Findings<'_>,
) -> Vec<Pair> {
    let object = members
        .take(name)
        .and_then(|value| Members::open(value, findings));
    let strings = object.map_or_else(Vec::new, |object| object.into_strings(findings));
    strings
        .into_iter()
        .map(|(name, value)| Pair {
            value: At::new(name.place.clone(), value),
            name,
        })
        .collect()
}

fn app(value: At<Value>, findings: &mut Findings<'_>) -> Option<AppDraft> {
    let mut members = Members::open(value, findings)?;
    let app = AppDraft {
        exec: command(&mut members, findings),
        user: members.need_string("user", findings),
        group: members.need_string("group", findings),
        supplementary_gids: members.list("supplementaryGIDs", findings).value,
        event_handlers: each(
            "eventHandlers",
            &mut members,
            findings,
            |members, findings| {
                let name = members.need_string("name", findings);
                let exec = command(members, findings);
                Some(HandlerDraft { name: name?, exec })
            },
        ),
        working_directory: members
            .string("workingDirectory", findings)
            .filter(|at| !at.value.is_empty()),
        environment: pairs("environment", &mut members, findings),
        mount_points: each("mountPoints", &mut members, findings, mount_point),
        ports: each("ports", &mut members, findings, port),
        isolators: each("isolators", &mut members, findings, |members, findings| {
            let name = members.need_string("name", findings);
            let value = members.need("value", findings);
            Some(IsolatorDraft {
                name: name?,
                value: value?,
            })
        }),
        user_annotations: strings_by_name("userAnnotations", &mut members, findings),
        user_labels: strings_by_name("userLabels", &mut members, findings),
    };
    members.close(findings);
    Some(app)
}

fn command(members: &mut Members, findings: &mut Findings<'_>) -> At<Vec<At<String>>> {
    let list = members.list("exec", findings);
    At::new(list.place, strings(list.value, findings))
}

fn mount_point(members: &mut Members, findings: &mut Findings<'_>) -> Option<MountDraft> {
    let name = members.need_string("name", findings);
    let path = members.need_string("path", findings);
    let read_only = members.flag("readOnly", findings);
    Some(MountDraft {
        name: name?,
        path: path?,
        read_only,
    })
}

fn port(members: &mut Members, findings: &mut Findings<'_>) -> Option<PortDraft> {
    let name = members.need_string("name", findings);
    let protocol = members.need_string("protocol", findings);
    let port = members.need("port", findings);
    let count = members.take("count");
    let socket_activated = members.flag("socketActivated", findings);
    Some(PortDraft {
        name: name?,
        protocol: protocol?,
        port: port?,
        count,
        socket_activated,
    })
}

fn dependency(members: &mut Members, findings: &mut Findings<'_>) -> Option<DependencyDraft> {
    let image_name = members.need_string("imageName", findings);
    let image_id = members.string("imageID", findings);
    let labels = pairs("labels", members, findings);
    let size = members.take("size");
    Some(DependencyDraft {
        place: members.place().to_owned(),
        image_name: image_name?,
        image_id,
        labels,
        size,
    })
}
