# shellcheck shell=dash disable=SC2154
# A link for every applet, as the program's own installer makes them.
bin/busybox --list-full | while IFS= read -r applet; do
    applet=${applet##*/}
    [ -e "bin/$applet" ] || ln -s busybox "bin/$applet"
done
