# The figures as a table, with what is wanted of them: one part for each input.

def fixed(digits): (. * pow(10; digits) | round | tostring) as $all
  | ("0" * (digits + 1 - ($all | length)) // "") + $all
  | if digits == 0 then . else .[:-digits] + "." + .[-digits:] end;
def right(width): (" " * (width - length) // "") + .;
def left(width): . + (" " * (width - length) // "");
def seconds: if . < 1 then fixed(3) else fixed(2) end;
def megabytes: . / 1e6 | fixed(1);

# One wish: `what` is the ratio in words.
def wish(what; value; least): "\(what) \(value | fixed(2)) (wanted ≥ \(least): \(if value >= least then "met" else "not met" end))";
def limit(what; value; most): "\(what) \(value | fixed(2)) (wanted ≤ \(most): \(if value <= most then "met" else "not met" end))";

# What is wanted of the row `name` of all the `rows` of an input.
def wishes(name; rows): rows.nix2aci as $ours | rows[name] as $row
  | if name == "nix2aci" then [limit("peak MB"; $row.peak_rss_mb; 64)]
    elif $ours == null then []
    elif name == "nix2aci-one-core" then [wish("two cores are faster"; $row.wall_s / $ours.wall_s; 1.8)
      + (rows["nix2aci-twice"].wall_s as $twice | if $twice then "; two builders at once \(2 * $row.wall_s / $twice | fixed(2))" else "" end)]
    elif name == "tar-gzip" then [wish("faster"; $row.wall_s / $ours.wall_s; 6), limit("size"; $ours.bytes / $row.bytes; 1)]
    elif name == "tar-pigz" then [wish("faster"; $row.wall_s / $ours.wall_s; 2.6), limit("size"; $ours.bytes / $row.bytes; 1),
      limit("CPU"; $ours.cpu_s / $row.cpu_s; 0.4)]
    elif name == "tar-cat" and rows["nix2aci-none"] then [limit("none against it"; rows["nix2aci-none"].wall_s / $row.wall_s; 2.6)]
    elif name == "tar-xz" and rows["nix2aci-xz"] then [limit("xz against it"; rows["nix2aci-xz"].wall_s / $row.wall_s; 1.05),
      limit("size"; rows["nix2aci-xz"].bytes / $row.bytes; 1.01)]
    else [] end;

def against(field; ours): if ours == null then "" else "×" + (.[field] / ours[field] | fixed(2)) end;
def line: [(.[0] | left(18))] + [.[1:9][] | right(9)] + [.[9]] | join(" ") | sub(" +$"; "");

def compared(name; rows):
  (["row", "wall s", "CPU s", "peak MB", "MB out", "alike", "× wall", "× CPU", "× size", ""] | line),
  (rows | to_entries[] | .key as $key | .value | [
    $key, (.wall_s | seconds), (.cpu_s | seconds), (.peak_rss_mb | fixed(1)), (.bytes | megabytes),
    ({ "true": "yes", "false": "no" }[.identical | tostring] // "-"),
    against("wall_s"; rows.nix2aci), against("cpu_s"; rows.nix2aci), against("bytes"; rows.nix2aci), ""
  ] | line),
  (if name == "medium" or name == "large" then rows | to_entries[] | wishes(.key; rows)[] as $wish | "  \(.key): \($wish)" else empty end);

def scaled(rows; cores):
  (["threads", "wall s", "CPU s", "peak MB", "alike", "× faster"] | line),
  (rows | to_entries[] | [
    (.key | ltrimstr("threads-")), (.value | (.wall_s | seconds), (.cpu_s | seconds), (.peak_rss_mb | fixed(1)),
    ({ "true": "yes", "false": "no" }[.identical | tostring] // "-"),
    if rows["threads-1"] then rows["threads-1"].wall_s / .wall_s | fixed(2) else "" end)
  ] | line),
  "  more threads than the \(cores) cores of this machine gain nothing";

def fixed_cost(rows):
  (rows | to_entries[] | "\(.key | left(18)) \(.value.wall_s * 1000 | fixed(1) | right(9)) ms \(.value.cpu_s * 1000 | fixed(1) | right(9)) ms of CPU"),
  (rows["builder-alone"] | "  \(limit("ms of CPU"; .cpu_s * 1000; 60))");

. as $all
| (.machine | "\(.processor): \(.threads) threads on \(.cores) cores; load before: \(.load_before)"),
  (to_entries[] | select(.key | IN("inputs", "machine") | not)
    | .key as $name | .value as $rows | $all.inputs[$name]
    | "", "\($name): \(.nar_bytes | megabytes) MB in \(.store_paths) store paths\(if .entries then ", \(.entries) entries" else "" end)",
      if $name == "tiny" then fixed_cost($rows) elif $name == "threads" then scaled($rows; $all.machine.cores) else compared($name; $rows) end)
