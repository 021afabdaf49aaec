//! Specs that are valid and use every part of a manifest, made at random.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.into_iter().collect::<Map<_, _>>())
}

/// Up to five members: names of the form `names`, values made by `values`.
fn members<T: Strategy<Value = Value> + 'static>(
    names: &'static str,
    values: T,
) -> impl Strategy<Value = Value> {
    proptest::collection::btree_map(names, values, 0..5).prop_map(object)
}

fn text(pattern: &'static str) -> impl Strategy<Value = Value> {
    pattern.prop_map(Value::from)
}

fn any_text() -> impl Strategy<Value = Value> {
    any::<String>().prop_map(Value::from)
}

fn platforms() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        Just(("linux", "amd64")),
        Just(("linux", "aarch64_be")),
        Just(("linux", "s390x")),
        Just(("freebsd", "arm")),
    ]
}

fn labels() -> impl Strategy<Value = Value> {
    members(
        "x[a-z0-9]{0,3}([-._~/][a-z0-9]{1,3}){0,2}",
        text("[!$()*+.0-9=@A-Z_a-z~-]{1,9}"),
    )
}

fn owner() -> impl Strategy<Value = Value> {
    text("0|[1-9][0-9]{0,8}|[a-z_][a-z0-9_-]{0,9}|/etc/[a-z]{1,5}")
}

/// Paths that differ for sure: each mount has its name in its path.
fn mounts(first: char) -> impl Strategy<Value = Value> {
    proptest::collection::btree_map(
        "[a-z0-9]{1,5}(-[a-z0-9]{1,4}){0,2}",
        "[A-Za-z .+=?%&é]{1,5}",
        0..5,
    )
    .prop_map(move |mounts| {
        object(mounts.into_iter().map(|(name, path)| {
            let name = format!("{first}{name}");
            let path = format!("/{name}/{path}");
            (name, path.into())
        }))
    })
    .prop_filter("no component is a dot", |mounts| {
        mounts.as_object().unwrap().values().all(|path| {
            path.as_str()
                .unwrap()
                .split('/')
                .all(|part| ![".", ".."].contains(&part))
        })
    })
}

fn port() -> impl Strategy<Value = Value> {
    (1_u16.., any::<u16>(), any::<bool>(), any::<bool>()).prop_map(
        |(port, count, tcp, activated)| {
            let count = u32::from(count) % (65536 - u32::from(port)) + 1;
            json!({
                "protocol": if tcp { "tcp" } else { "udp" },
                "port": port,
                "count": count,
                "socketActivated": activated,
            })
        },
    )
}

fn quantity() -> impl Strategy<Value = String> {
    "[1-9][0-9]{0,2}(\\.[0-9]{1,3})?(k|M|G|T|Ki|Mi|Gi|Ti|e[3-9])"
}

fn limit() -> impl Strategy<Value = Value> {
    "[1-9][0-9]{0,3}(k|M|G|T|Ki|Mi|Gi|Ti|)"
        .prop_map(|limit| json!({ "default": true, "limit": limit }))
}

fn isolators() -> impl Strategy<Value = Value> {
    let capabilities =
        proptest::sample::subsequence(vec!["CAP_KILL", "CAP_BPF", "CAP_SYSLOG"], 1..=3);
    let calls = proptest::sample::subsequence(
        vec!["read", "reboot", "@appc.io/all", "@rkt/default-blacklist"],
        1..=4,
    );
    let some = (
        proptest::option::of(quantity().prop_map(|cpu| json!({ "limit": cpu }))),
        proptest::option::of(
            "[5-9][0-9]{0,2}(k|M|Mi)"
                .prop_map(|memory| json!({ "request": memory, "limit": "2G" })),
        ),
        proptest::option::of(limit()),
        proptest::option::of((any::<bool>(), capabilities)),
        proptest::option::of((any::<bool>(), calls)),
        proptest::option::of(any::<bool>()),
        proptest::option::of((-1000..=1000_i64, 2..=262_144_i64)),
        proptest::option::of(members("[a-z]{1,4}\\.[a-z_0-9]{1,6}", text("[ -~]{0,9}"))),
    );
    some.prop_map(
        |(cpu, memory, limit, capabilities, calls, privileges, numbers, sysctl)| {
            let sysctl = sysctl.filter(|settings| settings != &json!({}));
            let kind = |retain| if retain { "retain" } else { "remove" };
            let mut all = vec![
                ("resource/cpu".to_owned(), cpu),
                ("resource/memory".to_owned(), memory),
                ("resource/block-bandwidth".to_owned(), limit.clone()),
                ("resource/network-bandwidth".to_owned(), limit),
                (
                    "os/linux/no-new-privileges".to_owned(),
                    privileges.map(Value::from),
                ),
                (
                    "os/linux/oom-score-adj".to_owned(),
                    numbers.map(|(score, _)| Value::from(score)),
                ),
                (
                    "os/linux/cpu-shares".to_owned(),
                    numbers.map(|(_, shares)| Value::from(shares)),
                ),
                ("os/unix/sysctl".to_owned(), sysctl),
            ];
            if let Some((retain, set)) = capabilities {
                all.push((
                    format!("os/linux/capabilities-{}-set", kind(retain)),
                    Some(json!({ "set": set })),
                ));
            }
            if let Some((retain, set)) = calls {
                let value = json!({ "set": set, "errno": "ENOSYS" });
                all.push((
                    format!("os/linux/seccomp-{}-set", kind(retain)),
                    Some(value),
                ));
            }
            object(
                all.into_iter()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
        },
    )
}

fn annotations() -> impl Strategy<Value = Value> {
    let date = "[0-9]{4}-(0[1-9]|1[0-2])-([01][1-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,12})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    let url = "[hH]ttps?://([a-z0-9_-]{1,5}\\.){0,2}[a-z0-9-]{1,5}(:[0-9]{1,4})?(/[!$&'()*+,;=@:a-z\\[\\]~.]{0,5}(%[0-9a-fA-F]{2})?){0,2}(\\?[a-z/?&=]{0,5})?(#[a-z/?]{0,5})?";
    (
        members("x[a-z0-9]{1,4}(/[a-z]{1,3})?", any_text()),
        date,
        url.prop_map(Value::from),
        any::<bool>(),
    )
        .prop_map(|(mut annotations, date, url, notify)| {
            annotations["created"] = date.into();
            annotations["homepage"] = url.clone();
            annotations["documentation"] = url;
            annotations["appc.io/executor/supports-systemd-notify"] = notify.to_string().into();
            annotations
        })
}

fn dependencies() -> impl Strategy<Value = Value> {
    let one = (
        "[a-z]{1,5}\\.org/[a-z]{1,5}",
        proptest::option::of("sha512-[0-9a-f]{128}"),
        (labels(), proptest::option::of(platforms())).prop_map(|(mut labels, platform)| {
            if let Some((os, arch)) = platform {
                labels["os"] = os.into();
                labels["arch"] = arch.into();
            }
            labels
        }),
        1..=i64::MAX,
    );
    proptest::collection::btree_map("[a-z]{1,5}", one, 0..3).prop_map(|dependencies| {
        dependencies
            .into_iter()
            .map(|(name, (host, id, labels, size))| {
                json!({ "imageName": format!("{host}/{name}"), "imageID": id, "labels": labels, "size": size })
            })
            .collect()
    })
}

/// Whether the program wants a terminal, what ends it, and what tells whether it does its work.
fn life(
    program: impl Strategy<Value = Vec<String>>,
) -> impl Strategy<Value = (bool, String, Value)> {
    let signal = "[1-9]|[1-5][0-9]|6[0-4]|SIG(TERM|HUP|RTMIN|RTMIN\\+[1-9]|RTMAX-1[0-4])";
    let span = || "[1-9][0-9]{0,5}(ms|s|m|h)";
    let check = (program, span(), span(), span(), 1..=1000_u32).prop_map(
        |(test, interval, timeout, start, retries)| {
            json!({
                "test": test, "interval": interval, "timeout": timeout, "startPeriod": start, "retries": retries,
            })
        },
    );
    (any::<bool>(), signal, check)
}

/// Members of a valid spec, all that a manifest is made of.
pub(crate) fn changes() -> impl Strategy<Value = Value> {
    let arguments = proptest::collection::vec("[^\u{0}]{0,9}", 0..4);
    let exec = ("/[a-z]{1,9}", arguments).prop_map(|(program, mut arguments)| {
        arguments.insert(0, program);
        arguments
    });
    // Without a program, the arguments name it.
    let words = (
        proptest::option::of(exec.clone()),
        proptest::option::of(exec.clone()),
    )
        .prop_map(|(exec, args)| (exec.unwrap_or_default(), args.unwrap_or_default()));
    let identity = (
        "[a-z0-9]{1,9}([-._~/][a-z0-9]{1,9}){0,3}",
        "[A-Za-z0-9][A-Za-z0-9._+~-]{0,9}",
        labels(),
        platforms(),
    );
    let app = (
        (words, life(exec.clone())),
        (
            owner(),
            owner(),
            proptest::collection::btree_set(0..=4_294_967_294_u32, 0..4),
        ),
        members("[A-Za-z_][A-Za-z0-9_.-]{0,9}", text("[^\u{0}\n]{0,20}")),
        (mounts('a'), mounts('b')),
        members("[a-z0-9]{1,5}(-[a-z0-9]{1,4}){0,2}", port()),
        (
            isolators(),
            prop_oneof![Just("blacklist"), Just("whitelist"), Just("nothing")],
        ),
        proptest::option::of(exec),
        (members(".{0,5}", any_text()), members(".{0,5}", any_text())),
    );
    let whitelist = proptest::collection::btree_set("/[a-z]{1,5}(/[A-Z:, ]{1,5}){0,2}", 0..4);
    (identity, app, annotations(), dependencies(), whitelist).prop_map(
        |((name, version, labels, (os, arch)), app, annotations, dependencies, whitelist)| {
            let (((exec, args), (terminal, signal, healthcheck)), (user, group, gids), env, (mounts, mounts_ro), ports, (isolators, rkt_seccomp), handler, free) = app;
            json!({
                "name": name, "version": version, "labels": labels, "os": os, "arch": arch,
                "exec": exec, "args": args, "terminal": terminal, "user": user, "group": group, "supplementaryGIDs": gids,
                "stopSignal": signal, "healthcheck": healthcheck, "workingDirectory": "/opt", "env": env, "mounts": mounts, "mountsRo": mounts_ro, "ports": ports,
                "isolators": isolators, "rktSeccomp": rkt_seccomp,
                "eventHandlers": handler.map_or_else(|| json!({}), |exec| json!({ "post-stop": exec })),
                "userLabels": free.0, "userAnnotations": free.1,
                "annotations": annotations, "dependencies": dependencies, "pathWhitelist": whitelist,
            })
        },
    )
}
