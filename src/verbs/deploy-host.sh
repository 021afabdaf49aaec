#!/bin/sh
# Has a host run a thin image whose layout is in its store. `deploy` gives this to a shell of the host, with the words
# LAYOUT STEM NAME SCOPE, and takes the one line that it prints for what came of it. All of it is read before any of it is
# done, so that a connection that breaks leaves nothing half-read.
set -eu

mark='# Made by deploy of nix2aci; what is changed here does not stay.'

# end STATUS TEXT: 75 asks for the store paths to be sent again.
end() {
  echo "$2"
  exit "$1"
}

control() {
  if [ "$scope" = user ]; then systemctl --user "$@"; else systemctl "$@"; fi
}

# Makes a link that keeps a store path from garbage collection, or moves it on.
keep() {
  nix-store --add-root "$1" --indirect --realise "$2" --option substitute false >/dev/null 2>&1
}

# The image in a layout, and its unit there.
stem_of() { for unit in "$1"/*.container; do basename "$unit" .container; done; }
unit_of() { echo "$1/$(stem_of "$1").$form"; }

# What is installed of a layout. It is no link, since Quadlet reads it before a store on a file system of its own is there.
text_of() {
  echo "$mark"
  sed '/^#/d' "$(unit_of "$1")"
}

is_installed() { [ -f "$target" ] && text_of "$1" | cmp -s - "$target"; }

# Whether a unit is one of deploy.
is_marked() { [ -f "$1" ] && [ ! -h "$1" ] && [ "$(sed -n 1p "$1")" = "$mark" ]; }

# Whether nothing is installed that somebody else has put there.
is_ours() { is_marked "$target" || { [ ! -e "$target" ] && [ ! -h "$target" ]; }; }

# Has the unit of a layout in the place of another one, and starts it.
switch() {
  mkdir -p "${target%/*}" || return 1
  # A service of an older podman would stand before what Quadlet makes.
  service=$units/$name.service
  if [ "$form" = container ] && is_marked "$service"; then
    control disable "$name.service" || :
    rm -f "$service" || return 1
  fi
  text_of "$1" >"$fresh" || return 1
  mv -f "$fresh" "$target" && control daemon-reload || return 1
  # What Quadlet makes is wanted by what its section Install says.
  [ "$form" = container ] || control enable "$name.service" || return 1
  control restart "$name.service"
}

is_healthy() {
  ! grep -q '^HealthCmd=' "$1/$(stem_of "$1").container" || podman healthcheck run "$container" >/dev/null 2>&1
}

# Waits until the service has run for some seconds, and is healthy where the image says what that is.
is_running() {
  waited=0 steady=0
  while [ "$waited" -lt "$patience" ]; do
    state=$(control is-active "$name.service" 2>/dev/null) || :
    case $state in
      active) steady=$((steady + 1)) ;;
      activating | reloading) steady=0 ;;
      *) why="its service is ${state:-unknown}" && return 1 ;;
    esac
    [ "$steady" -lt "$enough" ] || ! is_healthy "$1" || return 0
    sleep 1
    waited=$((waited + 1))
  done
  why="its service is $state, and not healthy, after $patience s"
  return 1
}

# The last words of the program, or of podman: what is printed by either, but for what podman tells of a pull and of each
# container. Systemd's own words, and podman's events, are no reasons.
last_words() {
  run=_SYSTEMD_INVOCATION_ID=$(control show --property InvocationID "$name.service" | sed 's/.*=//') || return 0
  words=$(journalctl --quiet --output cat "$run" _TRANSPORT=stdout + "$run" CONTAINER_NAME="$container" 2>/dev/null |
    sed -n '/^[0-9a-f]\{64\}$/d; /^Getting image source/d; /^Copying [bc]/d; /^Writing manifest/d; /^Storing sig/d; /[^ ]/p' | tail -n 1) || :
  [ -z "$words" ] || echo ": $words"
}

main() {
  layout=$1 stem=$2 name=$3 scope=$4
  patience=60 enough=3
  if [ "$scope" = user ]; then
    state_dir=${XDG_STATE_HOME:-$HOME/.local/state}/nix2aci
    config=${XDG_CONFIG_HOME:-$HOME/.config}
    units=$config/systemd/user quadlets=$config/containers/systemd
    XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
    export XDG_RUNTIME_DIR
    user=$(id -un)
    [ -e "/var/lib/systemd/linger/$user" ] || end 1 "services of $user end when nobody is logged in: loginctl enable-linger $user"
  else
    state_dir=/var/lib/nix2aci units=/etc/systemd/system quadlets=/etc/containers/systemd
  fi
  for program in systemctl podman nix-store; do
    command -v "$program" >/dev/null || end 1 "there is no $program"
  done
  # An older Quadlet reads nothing beside the unit, where a host has its say.
  version=$(podman --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  if [ "$version" -ge 5 ]; then
    form=container place=$quadlets container=systemd-$name
  else
    form=service place=$units container=$name
  fi
  target=$place/$name.$form fresh=$place/.$name.new
  mkdir -p "$state_dir/deployed" || end 1 "$state_dir cannot be written"
  link=$state_dir/deployed/$name
  if command -v flock >/dev/null; then
    exec 9>"$link.lock"
    flock -n 9 || end 1 "another deploy of $name is at work"
  fi
  is_ours || end 1 "$target is there, and not of deploy: move it away"

  keep "$link.next" "$layout" || end 75 "not all of $stem is there"
  old=$(readlink "$link") || old=''
  [ -z "$old" ] || [ -e "$old" ] || old=''
  if [ "$old" = "$layout" ] && is_installed "$layout" && enough=1 && is_running "$layout"; then
    rm -f "$link.next"
    end 0 "$stem runs already"
  fi
  enough=3 why=''
  if switch "$layout" >/dev/null 2>&1 && is_running "$layout"; then
    if [ -n "$old" ] && [ "$old" != "$layout" ]; then keep "$link.previous" "$old" || :; fi
    keep "$link" "$layout" && rm -f "$link.next"
    end 0 "$stem runs"
  fi
  why="$stem does not run: ${why:-systemctl does not start it}$(last_words)"
  if [ -n "$old" ] && [ "$old" != "$layout" ]; then
    rm -f "$link.next"
    if switch "$old" >/dev/null 2>&1 && is_running "$old"; then end 1 "$why; $(stem_of "$old") runs again"; fi
    end 1 "$why; $(stem_of "$old"), which was there before, does not run either"
  fi
  [ -z "$old" ] || end 1 "$why; there is no other one"
  control stop "$name.service" >/dev/null 2>&1 || :
  [ "$form" = container ] || control disable "$name.service" >/dev/null 2>&1 || :
  rm -f "$target" "$link.next"
  control daemon-reload >/dev/null 2>&1 || :
  control reset-failed "$name.service" >/dev/null 2>&1 || :
  end 1 "$why; nothing was there before, and nothing is left"
}
