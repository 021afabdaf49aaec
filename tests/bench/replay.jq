# The figures of the replay as a table: megabytes that a registry receives, one part for each image.

def fixed(digits): (. * pow(10; digits) | round | tostring) as $all
  | ("0" * (digits + 1 - ($all | length)) // "") + $all | .[:-digits] + "." + .[-digits:];
def right(width): (" " * (width - length) // "") + .;
def line: map(right(12)) | join("");

.replay | to_entries[] | "", "\(.key): \(.value.store_paths) store paths; MB that a registry receives",
  (["layers", "application", "library", "added", "dropped", "libc", "sum", "× optimum", "no libc"] | line),
  (.value.results[] | [
    (.layers // "optimum" | tostring),
    (.bytes | .application, .library, .added, .dropped, .libc | . / 1e6 | fixed(2)),
    (.sum / 1e6 | fixed(1)), (.ratio | fixed(3)), (.ratio_without_libc | fixed(3))
  ] | line)
