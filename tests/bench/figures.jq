# From the single runs, and facts on what was packed, to the figures: medians.
# In: facts, an array of objects; $figures, lines of INPUT ROW WALL CPU KIB BYTES SUM; facts on the machine.

def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def rounded(digits): . * digits | round / digits;

# Runs that have to make the same bytes: of one row, and of nix2aci with any number of threads.
def archive: if test("^(nix2aci(-one-core|-twice)?|threads-[0-9]+)$") then "nix2aci" else . end;

def row(sums): {
  wall_s: map(.wall) | median | rounded(10000),
  cpu_s: map(.cpu) | median | rounded(10000),
  peak_rss_mb: map(.rss) | max | rounded(10),
  bytes: map(.bytes) | median,
  identical: (if sums | length == 1 then null else sums | unique | length == 1 end),
  runs: length
} | if .bytes == 0 then { wall_s, cpu_s, runs } else . end;

def table:
  $figures | split("\n") | map(select(. != "") | split("\t") | {
    input: .[0], row: .[1], wall: .[2] | tonumber, cpu: .[3] | tonumber,
    rss: (.[4] | tonumber * 1024 / 1e6), bytes: .[5] | tonumber, sum: .[6]
  });

# The order of the runs is the order of the rows.
def grouped(key): reduce .[] as $item ([]; ($item | key) as $key
  | (map(.key) | index([$key])) as $at
  | if $at == null then . + [{ $key, value: [$item] }] else .[$at].value += [$item] end);

(table | grouped(.input) | map(.value |= (. as $runs | grouped(.row)
  | map((.key | archive) as $archive | .value |= row([$runs[] | select(.row | archive == $archive) | .sum]))
  | from_entries)) | from_entries)
+ { inputs: add, machine: { $processor, $cores, $threads, load_before: $load } }
