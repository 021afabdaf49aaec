# shellcheck shell=dash disable=SC2154
# What Debian's update-ca-certificates makes at installation, under nixpkgs' name and Debian's.
mkdir -p etc/ssl/certs
for certificate in share/ca-certificates/mozilla/*.crt; do
    cat "$certificate"
    echo
done >etc/ssl/certs/ca-bundle.crt
ln -s ca-bundle.crt etc/ssl/certs/ca-certificates.crt
rm -rf bin sbin share/ca-certificates
