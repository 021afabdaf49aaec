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
        engine=$work/engine
        mkdir "$engine"
        # The engine that the script finds is the test's.
        # shellcheck disable=SC2016 # its own shell expands it
        { echo '#!/bin/bash' && declare -p PATH work runtime flags driver && declare -f pod &&
            echo 'if [ "$1" = run ]; then pod run "${flags[@]}" "${@:2}"; else pod "$@"; fi'; } >"$engine/podman"
        chmod +x "$engine/podman"
        # shellcheck disable=SC2016 # the image's shell expands it
        contains 'its command runs the image' "$(PATH=$engine:$PATH eval "$(sed -n 's/^Run it: //p' <<<"$said") -- bash -c 'echo \$((6 * 7))'" 2>&1)" 42
        contains 'its command loads the image' "$(PATH=$engine:$PATH eval "$(sed -n 's/^Load it: //p' <<<"$said")" 2>&1)" "Loaded image: docker.io/library/bash:$(tag "$thin")"
    fi
    contains 'it tells what a shell is given' "$said" 'It runs with -it'
    contains 'it tells how the image is pushed and deployed' "$said" "Push it: ./$link/push REGISTRY/bash:$(tag "$thin")" \
        "Deploy it: ./$link/deploy HOST"
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
