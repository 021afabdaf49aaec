//! Golden texts: a manifest with everything in it, and what is said to the author of a spec.

use expect_test::{Expect, expect, expect_file};
use nix2aci::image::{AcName, MountPoint};
use serde_json::{Value, json};

use crate::spec::{build, spec};

#[test]
fn a_small_manifest() {
    let (manifest, warnings) = build(&spec(&json!({})), Vec::new());
    expect![[r#"
        {
          "acKind": "ImageManifest",
          "acVersion": "0.8.11",
          "name": "example.com/busybox",
          "labels": [
            {
              "name": "version",
              "value": "1.36.1"
            },
            {
              "name": "os",
              "value": "linux"
            },
            {
              "name": "arch",
              "value": "amd64"
            }
          ],
          "app": {
            "exec": [
              "/bin/sh"
            ],
            "user": "0",
            "group": "0"
          }
        }"#]]
    .assert_eq(&manifest.unwrap().to_json());
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_manifest_with_everything() {
    let changes = serde_json::from_str(include_str!("everything.spec.json")).unwrap();
    let store = "/nix/store/00000000000000000000000000000000-glibc-2.39";
    let store = MountPoint::new(AcName::sanitised(&store[11..]), store, true).unwrap();
    let (manifest, warnings) = build(&spec(&changes), vec![store]);
    expect_file!["everything.json"].assert_eq(&manifest.unwrap().to_json());
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn an_image_without_a_program_still_has_an_app() {
    let (manifest, warnings) = build(&spec(&json!({ "exec": [] })), Vec::new());
    let manifest = manifest.unwrap();
    assert!(manifest.app().unwrap().exec().is_empty());
    assert!(!manifest.to_json().contains("exec"));
    expect!["exec: names no program; whoever runs the image has to (rkt run --exec=…)"]
        .assert_eq(&warnings.join("\n"));
}

fn told(changes: &Value, expected: &Expect) {
    let (manifest, warnings) = build(&spec(changes), Vec::new());
    let mut lines: Vec<String> = warnings
        .into_iter()
        .map(|line| format!("warning: {line}"))
        .collect();
    if let Err(problems) = manifest {
        lines.insert(0, problems.to_string());
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn problems_of_names_and_labels() {
    told(
        &json!({
            "name": "Image_Magick",
            "version": "7.1 beta",
            "labels": { "os": "linux", "arch": "arm64", "my channel": "x", "rev": "a:b", "version": "2" },
        }),
        &expect![[r#"
            6 problems in its description
              acName: "Image_Magick" has the upper-case letter 'I'; an identifier is lower-case letters and digits, joined by single - . _ ~ or /; try "image_magick"
              acLabels."my channel": "my channel" has the character ' '; an identifier is lower-case letters and digits, joined by single - . _ ~ or /; try "my-channel"
              acLabels.version: the label version is given twice
              acVersion: "7.1 beta" has the character ' '; a version is letters, digits and . _ + ~ -, e.g. "1.36.1"
              arch: "arm64" is not an architecture that appc has for linux (amd64 i386 aarch64 aarch64_be armv6l armv7l armv7b ppc64 ppc64le s390x); did you mean "aarch64"?
              acLabels.rev: "a:b" has the character ':'; label values stand unescaped in references and URLs, so blanks, other than ASCII characters and :,/?#%{}&;<>"'\^|` are not for them"#]],
    );
    told(
        &json!({ "labels": {} }),
        &expect![[r#"
        2 problems in its description
          os: the label os is missing; rkt neither finds nor runs an image without it
          arch: the label arch is missing; rkt neither finds nor runs an image without it"#]],
    );
}

#[test]
fn problems_of_the_app() {
    told(
        &json!({
            "exec": ["", "a\u{0}b"],
            "user": "0:0",
            "group": "Admins",
            "workingDirectory": "opt",
            "supplementaryGIDs": [5, 5, -1, 4_294_967_295_u64, "5"],
            "env": { "1A": "x", "B": "two\nlines", "C.D": "x", "E": " padded", "AC_APP_NAME": "x" },
            "eventHandlers": { "pre-stop": ["/bin/true"], "pre-start": [], "post-stop": ["true"] },
        }),
        &expect![[r#"
            14 problems in its description
              exec[0]: the program's name is empty; write its absolute path in the image
              exec[1]: "a\0b" has a NUL, which no argument can hold
              user: "0:0" has a colon, but user and group are two arguments; write a number, a name such as "nobody" or an absolute path of the image
              group: "Admins" has the character 'A'; write a number, a name such as "nobody" or an absolute path of the image
              supplementaryGIDs[1]: the group id 5 is given twice
              supplementaryGIDs[2]: -1 is not a group id; write a number from 0 to 4294967294
              supplementaryGIDs[3]: 4294967295 is not a group id; write a number from 0 to 4294967294
              supplementaryGIDs[4]: "5" is a string, not a group id; write a number from 0 to 4294967294 without quotes
              eventHandlers.post-stop[0]: "true" is not absolute; write the program's whole path in the image
              eventHandlers.pre-start: is empty, which crashes rkt; name a program or leave the handler out
              eventHandlers.pre-stop: "pre-stop" is no event; handlers are for "pre-start" and "post-stop"
              workingDirectory: "opt" is not absolute; write "/opt"
              env."1A": "1A" does not begin with a letter or _; a variable's name is letters, digits and _, as in "LANG"
              env.B: "two\nlines" has a line break, at which rkt would cut the environment; write it on one line
            warning: env.AC_APP_NAME: the runtime sets this variable and overwrites the value
            warning: env."C.D": rkt's systemd ignores a variable with . or - in its name
            warning: env.E: rkt hands " padded" to systemd unescaped, which reads quotes, backslashes and outer blanks in its own way"#]],
    );
}

#[test]
fn problems_of_mounts_and_ports() {
    told(
        &json!({
            "mounts": { "data_dir": "/data", "root": "/", "rel": "data", "twice": "/a", "x": "/b", "in": "/b/c" },
            "mountsRo": { "twice": "/a", "colon": "/a:b", "slash": "/c/" },
            "ports": {
                "http": { "protocol": "TCP", "port": 0 },
                "Web": { "protocol": "sctp", "port": "eighty" },
                "range": { "protocol": "udp", "port": 65000, "count": 1000 },
                "none": { "protocol": "udp", "port": 1, "count": 0 },
            },
        }),
        &expect![[r#"
            14 problems in its description
              mounts.data_dir: "data_dir" has the character '_'; a name is lower-case letters and digits, joined by single -, at most 63 characters; try "data-dir"
              mounts.rel: "data" is not absolute; write "/data"
              mounts.root: "/" would hide the whole image; write a directory below it
              mountsRo.colon: "/a:b" has the character ':', at which rkt would cut the path; write another path
              mountsRo.slash: "/c/" is not in its shortest form; write "/c"
              mountsRo.twice: another mount point is called twice too; a volume is given to one of them by name
              mountsRo.twice: /a is the path of the mount point twice too; it can show only one volume
              ports.Web: "Web" has the upper-case letter 'W'; a name is lower-case letters and digits, joined by single -, at most 63 characters; try "web"
              ports.Web.protocol: "sctp" is neither "tcp" nor "udp", and no other protocol is forwarded
              ports.Web.port: "eighty" is a string, not a port; write a number from 1 to 65535
              ports.http.protocol: "TCP" is neither "tcp" nor "udp", and no other protocol is forwarded; did you mean "tcp"?
              ports.http.port: 0 is not a port; write a number from 1 to 65535
              ports.none.count: 0 is not a count of ports; write a number from 1 to 65535
              ports.range.count: 1000 ports from 65000 on would end at 65999; the last port is 65535
            warning: mounts.in: /b/c is below the mount point /b; what is mounted last hides the other"#]],
    );
}

#[test]
fn problems_of_isolators() {
    told(
        &json!({
            "isolators": {
                "memory": { "limit": "1G" },
                "resource/memroy": {},
                "resource/cpu": { "limt": "1" },
                "resource/memory": { "limit": "1K", "request": "100mi" },
                "resource/block-iops": { "limit": "1500m" },
                "os/linux/capabilities-retain-set": { "set": ["cap_kill", "NET_RAW", "CAP_SYSADMIN", "CAP_KILL", "CAP_KILL"] },
                "os/linux/capabilities-remove-set": { "set": [] },
                "os/linux/seccomp-retain-set": { "set": ["@appc.io/al", "rebot"], "errno": "EPREM" },
                "os/linux/no-new-privileges": "yes",
                "os/linux/oom-score-adj": 2000,
                "os/linux/selinux-context": { "user": "a:b", "role": "", "type": "t" },
                "os/unix/sysctl": { "vm.swappiness": 10, "swap": "1" },
            },
        }),
        &expect![[r#"
            24 problems in its description
              isolators.memory: "memory" is no isolator of appc 0.8.11, and the tools refuse an image with one; did you mean "resource/memory"?
              isolators."os/linux/capabilities-remove-set".set: is empty, which the tools refuse; name what is meant or leave the isolator out
              isolators."os/linux/capabilities-retain-set": os/linux/capabilities-retain-set and os/linux/capabilities-remove-set exclude each other; keep one of the two
              isolators."os/linux/capabilities-retain-set".set[0]: "cap_kill" is no capability of Linux; did you mean "CAP_KILL"?
              isolators."os/linux/capabilities-retain-set".set[1]: "NET_RAW" is no capability of Linux; did you mean "CAP_NET_RAW"?
              isolators."os/linux/capabilities-retain-set".set[2]: "CAP_SYSADMIN" is no capability of Linux; did you mean "CAP_SYS_ADMIN"?
              isolators."os/linux/capabilities-retain-set".set[4]: "CAP_KILL" is given twice
              isolators."os/linux/no-new-privileges": "yes" is a string, not true or false
              isolators."os/linux/oom-score-adj": 2000 is not a score; write a number from -1000 to 1000
              isolators."os/linux/seccomp-retain-set".set[0]: "@appc.io/al" is no set of appc; did you mean "@appc.io/all"?
              isolators."os/linux/seccomp-retain-set".set[1]: "rebot" is no system call of Linux; did you mean "reboot"?
              isolators."os/linux/seccomp-retain-set".errno: "EPREM" is no error number of Linux; did you mean "EPERM"?
              isolators."os/linux/selinux-context".user: "a:b" has the character ':', which no such part of a context has
              isolators."os/linux/selinux-context".role: is empty; a context has all four parts
              isolators."os/linux/selinux-context".level: is missing
              isolators."os/unix/sysctl"."vm.swappiness": 10 is a number; write "10"
              isolators."os/unix/sysctl".swap: "swap" is no kernel setting; write its name as in "net.ipv4.tcp_mtu_probing"
              isolators."resource/block-iops".default: is missing
              isolators."resource/block-iops".limit: 1500m is not a whole number; M is a million, m a thousandth
              isolators."resource/cpu".limt: nothing has this name here; did you mean "limit"?
              isolators."resource/cpu": says nothing; give it a request, a limit or both
              isolators."resource/memory".request: "100mi" ends with "mi", which is no suffix (n u m k M G T P E Ki Mi Gi Ti Pi Ei); write 100Mi
              isolators."resource/memory".limit: "1K" ends with "K", which is no suffix (n u m k M G T P E Ki Mi Gi Ti Pi Ei); write 1k (1000) or 1Ki (1024)
              isolators."resource/memroy": "resource/memroy" is no isolator of appc 0.8.11, and the tools refuse an image with one; did you mean "resource/memory"?"#]],
    );
}

#[test]
fn problems_of_the_rest() {
    told(
        &json!({
            "annotations": {
                "created": "2014-10-27",
                "homepage": "example.com",
                "fooBar": "x",
                "appc.io/executor/supports-systemd-notify": "yes",
                "appc.io/docker/repository": "x",
            },
            "dependencies": [
                { "imageName": "example.com/busybox" },
                { "imageName": "Base", "imageID": "sha512-abc", "size": 0 },
                { "imageName": "example.com/base", "labels": { "arch": "aarch64" } },
                { "imageName": "example.com/base", "labels": { "os": "linux", "arch": "aarch64" } },
            ],
            "pathWhitelist": ["bin/sh", "/bin/ls", "/bin/ls", "/bin/../ls"],
        }),
        &expect![[r#"
            12 problems in its description
              pathWhitelist[0]: "bin/sh" is not absolute; write "/bin/sh"
              pathWhitelist[2]: /bin/ls is given twice
              pathWhitelist[3]: "/bin/../ls" is not in its shortest form; write "/ls"
              annotations."appc.io/executor/supports-systemd-notify": "yes" is neither "true" nor "false"
              annotations.created: "2014-10-27" ends where T belongs; write a date as in "2014-10-27T19:32:27Z"
              annotations.fooBar: "fooBar" has the upper-case letter 'B'; an identifier is lower-case letters and digits, joined by single - . _ ~ or /; try "foobar"
              annotations.homepage: "example.com" has no http:// or https:// before its host; write an address as in "https://example.com/docs"
              dependencies[0]: example.com/busybox would be below itself; name another image
              dependencies[1].imageName: "Base" has the upper-case letter 'B'; an identifier is lower-case letters and digits, joined by single - . _ ~ or /; try "base"
              dependencies[1].imageID: "sha512-abc" has 3 digits; an image ID is sha512- and 128 lower-case hexadecimal digits
              dependencies[1].size: 0 is not an archive's size in bytes; write a number from 1 to 18446744073709551615
              dependencies[3]: example.com/base is dependency 1 already; name it once
            warning: annotations."appc.io/docker/repository": appc.io/docker/repository makes rkt treat the image as one converted from docker
            warning: dependencies[2].labels.arch: linux/aarch64 differs from the image's own linux/amd64
            warning: dependencies[3].labels.arch: linux/aarch64 differs from the image's own linux/amd64"#]],
    );
}
