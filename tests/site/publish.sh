# shellcheck shell=bash
# shellcheck disable=SC2154,SC2317 # variables are those of run, and functions are called through check
# What publish does. Sourced by run, with the site in $first and its later state in $second.

www=$work/www
publish() { GNUPGHOME=$work/gpg-images "$1/publish" "${@:2}"; }
# whole DIRECTORY: whether all that readers see is whole: each image is what the list says, and has the key's signature.
whole() {
    local file digest
    [ -e "$work/gpg-reader" ] || mkdir -m 700 "$work/gpg-reader"
    GNUPGHOME=$work/gpg-reader gpg --batch --quiet --import "$1/pubkeys.gpg" 2>/dev/null
    while read -r file digest; do
        [ "$digest" = "sha256:$(sha256sum "$1/$file" | cut -d ' ' -f 1)" ] || { echo "$file is not whole" && return 1; }
        GNUPGHOME=$work/gpg-reader gpg --batch --trust-model always --verify "$1/$file.asc" "$1/$file" 2>&1 || return 1
    done < <(jq -r '.images[] | select(.sign) | "\(.file) \(.digest)"' "$1/images.json")
    for file in "$1"/*-latest-*.aci "$1"/*-latest-*.tar; do
        [ -e "$file" ] || continue
        GNUPGHOME=$work/gpg-reader gpg --batch --trust-model always --verify "$file.asc" "$file" 2>&1 || return 1
    done
    [ -e "$1/index.html" ]
}
# seen DIRECTORY: what readers see, but for the pages; a link to nothing is not seen.
seen() { (cd "$1" && find -L . -type f ! -path './.site/*' ! -name '*.html' | sort); }
shown() {
    seen "$www"
    [ ! -e "$www/images.json" ] || cat "$www/images.json"
}
# fails NAME PART COMMAND…: it fails and says the part, and readers see what they saw.
fails() {
    local name=$1 part=$2 said before
    shift 2
    before=$(shown)
    if said=$("$@" 2>&1); then fail "$name" "it did not fail: $said"; return; fi
    contains "$name" "$said" "$part"
    equal "$name: readers see what they saw" "$before" "$(shown)"
}

# --- signatures ---

contains 'publish: says how it is used' "$(publish "$first" --help)" 'usage: publish' '--sign-by KEY'
mkdir "$www"
fails 'no directory' 'a word is missing; usage: publish' publish "$first"
fails 'a directory without a name' 'the directory has no name' publish "$first" ''
fails 'an unknown word' 'publish does not know "--sing-by"' publish "$first" --sing-by x "$www"
fails 'no signature' 'web-1.9-linux-amd64.aci: there is no signature of it' publish "$first" "$www"
fails 'no such key' 'gpg cannot sign' publish "$first" --sign-by nobody@example.com "$www"
key others
GNUPGHOME=$work/gpg-others gpg --batch --export-secret-keys others@example.com | GNUPGHOME=$work/gpg-images gpg --batch --quiet --import 2>/dev/null
fails 'another key' 'the key "others@example.com" is not publicKey' publish "$first" --sign-by others@example.com "$www"
equal 'nothing of it is left' '.site/lock' "$(cd "$www" && find . -type f -printf '%P\n')"
said=$(publish "$first" --sign-by images@example.com "$www" 2>&1) || fail 'it is published' "$said"
contains 'what is done is told' "$said" 'Publishing web-1.9-linux-amd64.aci' 'Signing web-1.9-linux-amd64.aci' 'https://example.com/images/ has 5 images'
check 'all is whole and signed' whole "$www"
equal 'all of the site is there, and signatures' "$(cd "$first" && find -L . -type f ! -name '*.html' ! -name publish | sed '/\.\(aci\|tar\)$/p' | awk 'seen[$0]++ { $0 = $0 ".asc" } 1' | sort)" "$(seen "$www")"
contains 'the page has the fingerprint' "$(cat "$www/index.html")" "$(GNUPGHOME=$work/gpg-images gpg --batch --quiet --no-auto-check-trustdb --with-colons --list-keys images@example.com | awk -F: '/^fpr/ { print $10; exit }')"
equal 'others can read all of it' '' "$(find "$www" ! -type l ! -perm -o=r ! -name lock)"
# shellcheck disable=SC2016 # the inner shell expands it
check 'who keeps files closed publishes' bash -c 'umask 077 && "$1/publish" --no-sign "$2"' bash "$first" "$work/umask"
equal 'and others can read all of that' '' "$(find "$work/umask" ! -type l ! -perm -o=r ! -name lock)"
signature=$(sha256sum <"$www/web-1.9-linux-amd64.aci.asc")
check 'once more, without the key, it is content' publish "$first" "$www"
equal 'signatures stay' "$signature" "$(sha256sum <"$www/web-1.9-linux-amd64.aci.asc")"

# What a reader would notice, publish notices first.
forge() { # FILE: puts it in the place of a signature
    cp "$1" "$work/forged" && mv "$work/forged" "$(readlink -f "$www/web-1.9-linux-amd64.aci.asc")"
}
cp "$www/web-1.9-linux-amd64.aci.asc" "$work/good.asc"
forge "$www/web-1.10-linux-amd64.aci.asc"
fails 'the signature of another image' 'its signature is of something else, or that was changed' publish "$first" "$www"
GNUPGHOME=$work/gpg-others gpg --batch --armor --output "$work/others.sig" --detach-sign "$www/web-1.9-linux-amd64.aci"
forge "$work/others.sig"
fails 'a signature by another key' 'its signature is by the key ' publish "$first" "$www"
printf x >"$work/empty"
forge "$work/empty"
fails 'what is no signature' 'its signature is none that gpg can read' publish "$first" "$www"
check 'with the key, it is mended' publish "$first" --sign-by images@example.com "$www"
check 'and all is whole' whole "$www"

# What others have changed where it is shown is never signed, and is put right where the site has it.
change() { # FILE: gives a file of the site another byte, and the same length
    printf x | dd of="$(readlink -f "$www/$1")" bs=1 seek=1000 conv=notrunc status=none
}
signature=$(sha256sum <"$www/web-1.9-linux-amd64.aci.asc")
change web-1.9-linux-amd64.aci
said=$(publish "$first" "$www" 2>&1) || fail 'a changed image' "$said"
contains 'a changed image is put right' "$said" 'web-1.9-linux-amd64.aci was changed where it was shown, and is put right'
check 'and all is whole again' whole "$www"
equal 'with the signature that it had' "$signature" "$(sha256sum <"$www/web-1.9-linux-amd64.aci.asc")"

# --- a second version ---

said=$(publish "$second" --sign-by images@example.com "$www" 2>&1) || fail 'a second state is published' "$said"
contains 'what is new is told' "$said" 'Publishing web-1.11-linux-amd64.aci' 'Signing web-1.11-linux-amd64.aci'
case $said in *1.10*) fail 'what is not new is not made' "$said" ;; *) pass 'what is not new is not made' ;; esac
check 'all is whole' whole "$www"
check 'an older version stays' [ -e "$www/web-1.10-linux-amd64.aci" ]
check 'with its documents' [ -e "$www/web-1.10-linux-amd64.aci.cdx.json" -a -e "$www/web-1.10-linux-amd64.aci.report.html" ]
contains 'and is on the pages' "$(cat "$www/web/index.html")" 'web-1.10-linux-amd64.aci' 'web-1.11-linux-amd64.aci' 'web-1.9-linux-amd64.oci.tar'
check 'the latest is the newest' cmp "$www/web-latest-linux-amd64.aci" "$second/web-1.11-linux-amd64.aci"
check 'an older site' publish "$first" "$www"
check 'does not bring the latest back' cmp "$www/web-latest-linux-amd64.aci" "$second/web-1.11-linux-amd64.aci"
equal 'two states are there, and no more' 2 "$(find "$www/.site" -mindepth 1 -maxdepth 1 -type d | wc -l)"

cp -r "$www" "$work/before"
change web-1.10-linux-amd64.aci
gone='and this site has the image no more, to sign that'
fails 'a changed image that the site has no more' "web-1.10-linux-amd64.aci: its signature is of something else, or that was changed, $gone" \
    publish "$second" --sign-by images@example.com "$www"
rm "$(readlink -f "$www/web-1.10-linux-amd64.aci.asc")"
fails 'and without its signature' "web-1.10-linux-amd64.aci: there is no signature of it, $gone" \
    publish "$second" --sign-by images@example.com "$www"
for name in /etc/passwd ../../taken; do
    rm -rf "$www" && cp -r "$work/before" "$www"
    list=$(readlink -f "$www/images.json")
    jq --arg name "$name" '.images[0].file = $name' "$list" >"$work/list" && cat "$work/list" >"$list"
    fails "a list that names $name" "\"$name\" is no name of a file of a site" publish "$second" --sign-by images@example.com "$www"
done
rm -rf "$www" && mv "$work/before" "$www"

# --- what goes wrong ---

mkdir "$work/taken" && echo mine >"$work/taken/index.html" && echo mine >"$work/taken/robots.txt"
fails 'a file of others in the way' 'no part of this site' publish "$first" --no-sign "$work/taken"
equal 'it is left' mine "$(cat "$work/taken/index.html")"
rm "$work/taken/index.html"
check 'files of others that are not in the way' publish "$first" --no-sign "$work/taken"
equal 'are left too' mine "$(cat "$work/taken/robots.txt")"
fails 'another site' 'is the site example.com/images, and this one is example.com/other' publish "$other" --no-sign "$www"
cp -rL "$first" "$work/rotten" && chmod -R u+w "$work/rotten"
printf x | dd of="$work/rotten/web-1.9-linux-amd64.aci" bs=1 seek=1000 conv=notrunc status=none
fails 'an image that is rotten' 'is not what the list of the site says' publish "$work/rotten" --no-sign "$work/www-rotten"
mkdir "$work/small" && mount -t tmpfs -o size=1m tmpfs "$work/small"
fails 'a full disk' 'No space left on device' publish "$first" --sign-by images@example.com "$work/small/www"
equal 'a full disk: nothing is shown' '' "$(seen "$work/small/www")"
umount "$work/small"

# Killed at any moment, readers see the old state or the new one, and the next run finishes.
killed=0 bad=''
for ((try = 0; try < 30; try++)); do
    rm -rf "$work/killed"
    publish "$first" --sign-by images@example.com "$work/killed" >/dev/null 2>&1
    { GNUPGHOME=$work/gpg-images timeout -s KILL "0.$(printf %03d $((try * 17)))" "$second/publish" --sign-by images@example.com "$work/killed"; } \
        >"$work/log" 2>&1 || killed=$((killed + 1))
    whole "$work/killed" >"$work/log" 2>&1 || bad+="killed after $((try * 17)) ms: $(tail -n 1 "$work/log")"$'\n'
    publish "$second" --sign-by images@example.com "$work/killed" >"$work/log" 2>&1 || bad+="$(cat "$work/log")"$'\n'
    cmp -s "$work/killed/web-latest-linux-amd64.aci" "$second/web-1.11-linux-amd64.aci" || bad+="the next run did not finish"$'\n'
    [ ! -e "$work/killed/.site/work" ] || bad+='work is left'$'\n'
done
equal "killed $killed times of 30, readers see a whole state" '' "$bad"
check 'it was killed half-way' [ "$killed" -ge 5 ]

# Two at once, while a reader reads.
rm -rf "$work/killed"
publish "$first" --sign-by images@example.com "$work/killed" >/dev/null 2>&1
(for _ in 1 2 3; do publish "$first" "$work/killed" || exit 1; done) >"$work/one" 2>&1 &
one=$!
(for _ in 1 2 3; do publish "$second" --sign-by images@example.com "$work/killed" || exit 1; done) >"$work/two" 2>&1 &
two=$!
bad=''
while kill -0 "$one" 2>/dev/null || kill -0 "$two" 2>/dev/null; do
    # What has a version never changes; what it leads to is read twice, so of one state.
    for file in web-1.9-linux-amd64.aci web-1.10-linux-amd64.aci; do
        GNUPGHOME=$work/gpg-reader gpg --batch --trust-model always --verify "$work/killed/$file.asc" "$work/killed/$file" 2>"$work/log" || bad+=$(cat "$work/log")
    done
done
wait "$one" || bad+=$(cat "$work/one")
wait "$two" || bad+=$(cat "$work/two")
equal 'two at once do not disturb each other, nor a reader' '' "$bad"
check 'and all is whole' whole "$work/killed"

mkdir -p "$work/held/.site"
exec 9>"$work/held/.site/lock" && flock 9
equal 'who waits for another one says so, and ends when asked to' "1 publish: another one is at work in $work/held; waiting until it has ended
nix2aci: locking $work/held/.site/lock: interrupted; no image was written" \
    "$(status=0; said=$(timeout --foreground --kill-after 20 1 "$first/publish" --no-sign "$work/held" 2>&1) || status=$?; echo "$((status == 124)) $said")"
exec 9>&-

# --- signatures from elsewhere ---

mkdir "$work/signatures"
for file in "$www"/web-1.*.asc "$www"/team/*-2-*.asc; do cp "$file" "$work/signatures/"; done
mkdir "$work/signatures/team" && mv "$work"/signatures/data-* "$work/signatures/team/"
mv "$work/signatures/web-1.9-linux-amd64.aci.asc" "$work/signatures/web-1.9.aci.asc"
check 'signatures of a folder are taken' publish "$second" --signatures "$work/signatures" "$work/www2"
check 'also those of postprocess.sh' whole "$work/www2"
