# shellcheck shell=bash
# shellcheck disable=SC2154 # work, root, thin and why are those of who sources this
# What postprocess.sh makes of a layout, and whether the commands that it prints work. Sourced by tests/oci/run.

script=$thin/postprocess.sh
check 'postprocess.sh is a clean script' shellcheck "$script"
mkdir "$work/linked"
cd "$work/linked" || exit
if said=$("$script" --no-sign 2>&1); then
    link=images/$(stem bash.thin.oci)-thin.oci
    equal 'postprocess.sh links the layout' "$thin" "$(readlink "$link")"
    equal 'postprocess.sh roots it' "$thin" "$(readlink "images/.$(stem bash.thin.oci)-thin.oci.gcroot")"
    if [ -z "$why" ]; then
        line=$(sed -n 's/^Run it: podman run --rm //p' <<<"$said")
        # shellcheck disable=SC2016 # the image's shell expands it
        contains 'its command gives a shell a terminal' "$line" ' -it '
        contains 'its command runs the image' "$(eval "run ${line/ -it / } bash -c 'echo \$((6 * 7))'" 2>&1)" 42
        line=$(sed -n 's/^With Docker: tar \(.*\) | docker load && docker run --rm \(.*\)/tar \1 | pod load \&\& run \2/p' <<<"$said")
        # shellcheck disable=SC2016
        contains 'its command for docker runs the image' "$(eval "${line/ -it / } bash -c 'echo \$((6 * 7))'" 2>&1)" 42
    fi
    line=$(sed -n 's/^Push it: //p' <<<"$said")
    if has 'its command pushes the image' skopeo; then
        line=${line/skopeo copy/copy} line=${line/docker:\/\/REGISTRY\/bash/oci:$work/pushed}
        check 'its command pushes the image' eval "$line"
        equal 'what is pushed is the image' "$(jq -r '.manifests[0].digest' "$thin/index.json")" \
            "$(jq -r '.manifests[0].digest' "$work/pushed/index.json")"
    fi
else
    fail 'postprocess.sh links the layout' "$said"
fi
"$(layout bash.thin)/postprocess.sh" --no-sign images >"$work/log" 2>&1
"$(layout bash)/postprocess.sh" --no-sign images >"$work/log" 2>&1
equal 'both forms share a directory, and lists of another image go' \
    "$(stem bash.thin.oci)-thin.oci $(stem bash.thin.oci).aci $(stem bash.thin.oci).json" "$(cd images && echo ./* | sed 's|\./||g')"
"$(layout bash.oci)/postprocess.sh" images >"$work/log" 2>&1
equal 'a thin layout and a whole one share a directory' \
    "$(stem bash.thin.oci)-thin.oci $(stem bash.thin.oci).oci" "$(cd images && echo ./*.oci | sed 's|\./||g')"
cd "$root" || exit
