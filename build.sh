#!/bin/bash
# From a fresh machine to an image: installs what is missing, compiles the builder, builds images with Nix in its
# sandbox, and links and signs them.
cd "$(dirname "$0")" || exit
# shellcheck source=tools/host.sh
. tools/host.sh

# The names of all images; neither packages nor the builder are needed to know them.
images() {
    nix-instantiate --store dummy:// --eval -E 'toString (builtins.attrNames (import ./. { }).images)' | tr -d '"'
}

usage() {
    cat <<'END'
usage: ./build.sh [--nixpkgs|--debian] [--no-sign] NAME…|--all

Builds images of default.nix, such as busybox or redis.thin, and puts them into ./ACIs, OCI images such as redis.oci
into ./images. The link ./result leads to what Nix built, ./result-NAME where several are built.

  --all       every image whose packages the set has

  --nixpkgs   take the packages from nixpkgs
  --debian    take them from the embedded set nix/debian, made from Debian's packages
              Without either: nixpkgs where it can be used, else the embedded set.
  --no-sign   do not sign; without a secret key nothing is signed either
END
    echo
    echo "The images: $(images 2>/dev/null || echo 'those of pkgs/linux; default.nix has their names')"
    echo 'NAME.thin, .static and .oci are other forms of each, NAME.oci.recipe a few kilobytes that make the image elsewhere,'
    echo 'NAME.index one for several processors; NAME.manifest is the image manifest alone.'
    echo 'NAME.sbom and NAME.oci.sbom are bills of materials, and NAME.report tells what is in the image, and why.'
}

packages='' signing=() names=() all=''
for argument; do
    case $argument in
        --all) all=yes ;;
        --nixpkgs | --debian) packages=${argument#--} ;;
        --no-sign) signing=(--no-sign) ;;
        -h | --help) usage && exit ;;
        -*) die "unknown option $argument; try --help" ;;
        *) names+=("$argument") ;;
    esac
done
[ -z "$all" ] || [ ${#names[@]} -eq 0 ] || die "--all is every image; leave ${names[*]} out"
[ -n "$all" ] || [ ${#names[@]} -gt 0 ] || die 'which image? try ./build.sh busybox, or --help'

need_rust
programs=(nix-build nix-bin curl curl /etc/ssl/certs/ca-certificates.crt ca-certificates xz xz-utils
    cc gcc /usr/include/stdio.h libc6-dev)
[ ${#signing[@]} -gt 0 ] || programs+=(gpg gpg gpg-agent gpg-agent)
provide "${programs[@]}"
use_nix

# What is misspelt is told before anything is compiled.
known=$(images)
[ -z "$all" ] || read -ra names <<<"$known"
for image in "${names[@]}"; do
    [[ $image =~ ^([A-Za-z0-9_-]+)((\.[a-z]+)*)$ && " $known " == *" ${BASH_REMATCH[1]} "* ]] ||
        die "there is no image $image; the images are: $known"
    [[ ${BASH_REMATCH[2]} =~ ^(\.(thin|fat|static|aci|oci|manifest|recipe|sbom|index))*(\.report)?$ ]] ||
        die "the image ${image%%.*} has no form ${image#*.}; the forms are: thin fat static aci oci manifest recipe sbom index report"
done

reached() { curl --silent --fail --location --head --max-time 5 --output /dev/null "$1"; }

# Why nixpkgs cannot be used here; nothing where it can.
obstacle() {
    local revision
    revision=$(sed -n 's/^ *"rev": "\(.*\)",/\1/p' flake.lock)
    if [ "$(nix-instantiate --eval -E 'builtins.compareVersions builtins.nixVersion "2.18" < 0')" = true ]; then
        echo "it needs Nix 2.18, and this is $(nix-build --version | sed 's/.* //')"
    elif ! reached "https://github.com/NixOS/nixpkgs/archive/$revision.tar.gz"; then
        echo 'its source cannot be reached'
    elif ! reached https://cache.nixos.org/nix-cache-info; then
        echo 'its binary cache cannot be reached'
    fi
}
why='as asked'
if [ -z "$packages" ]; then
    why=$(obstacle)
    packages=${why:+debian}
    [ -z "$why" ] && why='it can be reached' || why="nixpkgs is not used: $why"
fi
case ${packages:=nixpkgs} in
    nixpkgs) say "Packages: nixpkgs ($why)" ;;
    debian)
        say "Packages: the embedded set nix/debian ($why)"
        # No cache has them.
        NIX_CONFIG+=$'\nsubstitute = false'
        ;;
esac

build_builder

# Downloads what the image needs of the embedded set, by newer lists where those at hand are too old.
fetch_for() {
    local wanted=(nix/debian/fetch --for nix-instantiate "${arguments[@]}" -A "$1") status=0
    "${wanted[@]}" || status=$?
    if [ "$status" -eq 1 ]; then
        update_lists
        status=0
        "${wanted[@]}" || status=$?
    fi
    [ "$status" -eq 0 ] || die "the image $1 cannot be evaluated"
}

# Whether the package set has what an image is made of.
is_possible() {
    if [ "$packages" = nixpkgs ]; then
        nix-instantiate "${arguments[@]}" -A "$1"
    else
        (fetch_for "$1")
    fi >/dev/null 2>&1
}

can_sign() {
    local gpg
    [ -z "${NIX2ACI_KEY-}" ] || return 0
    gpg=$(command -v gpg2 || command -v gpg) || return
    [ -n "$("$gpg" --batch --quiet --list-secret-keys --with-colons 2>/dev/null)" ]
}

arguments=(. --argstr builder "$builder")
[ "$packages" = nixpkgs ] || arguments+=(--arg pkgs 'import ./nix/debian { }')
# Where an image is linked, by file name: the one that has it first stays there.
declare -A linked
links=() directories=()
for image in "${names[@]}"; do
    link=result
    [ ${#names[@]} -eq 1 ] || link=result-$image
    if [ -n "$all" ] && ! is_possible "$image"; then
        say "Leaving out $image: the package set lacks what it is made of"
        continue
    fi
    [ "$packages" = nixpkgs ] || [ -n "$all" ] || fetch_for "$image"
    say "Building $image"
    nix-build "${arguments[@]}" -A "$image" --out-link "$link"
    if [ -e "$link/recipe.json" ]; then
        say "Its recipe: ./$link/save > FILE, ./$link/save DIRECTORY; of an OCI image also ./$link/run, load and push"
        continue
    fi
    if [ -e "$link/report.html" ]; then
        say "Its report: ./$link/report.html, and ./$link/report.txt for terminals"
        continue
    fi
    bill=("$link"/*.cdx.json)
    if [ -e "${bill[0]}" ]; then
        say "Its bill of materials: ${bill[0]}, ${bill[0]%.cdx.json}.spdx.json"
        continue
    fi
    if [ ! -e "$link/postprocess.sh" ]; then
        say "Its manifest: $link/manifest"
        continue
    fi
    file=$(nix-instantiate --eval "${arguments[@]}" -A "$image.fileName" | tr -d '"')
    directory=
    if [ -n "${linked[$file]-}" ]; then
        case $file in *.oci) directory=./images/$image ;; *) directory=./ACIs/$image ;; esac
        say "$image is called $file, as ${linked[$file]} is: it goes into $directory"
    fi
    linked[$file]=${linked[$file]-$image}
    links+=("$link")
    directories+=("$directory")
done

# Whether an image is one that is signed: OCI images are not, nor those with sign = false.
is_signed() { grep -qx 'face=aci' "$1/postprocess.sh" && grep -qx 'sign=yes' "$1/postprocess.sh"; }

status=0 told=''
for number in "${!links[@]}"; do
    link=${links[number]} words=()
    if is_signed "$link" && [ ${#signing[@]} -gt 0 ]; then
        words=(--no-sign)
    elif is_signed "$link" && ! can_sign; then
        words=(--no-sign)
        if [ -z "$told" ]; then
            told=yes
            say 'Not signing: gpg has no secret key. To sign, make one and run postprocess.sh again:'
            echo "    gpg --quick-generate-key NAME rsa3072 sign never && ./$link/postprocess.sh"
        fi
    fi
    [ -z "${directories[number]}" ] || words+=("${directories[number]}")
    "./$link/postprocess.sh" ${words[@]+"${words[@]}"} || status=$?
done
exit "$status"
