# The figures of changes as tables: builds, pushes, saves.

def fixed(digits): (. * pow(10; digits) | round | tostring) as $all
  | ("0" * (digits + 1 - ($all | length)) // "") + $all | .[:-digits] + "." + .[-digits:];
def right(width): (" " * (width - length) // "") + .;
def left(width): . + (" " * (width - length) // "");
def line: (.[0] | left(16)) + (.[1] | left(14)) + (.[2:] | map(right(12)) | join(""));

.change
| (["form", "change", "wall s", "CPU s", "new MB", "after ten"] | line),
  (.builds[] | [.form, .change, (.wall_s, .cpu_s | fixed(2)), (.new_bytes / 1e6 | fixed(3)),
    if .builds == 10 then .all_new_bytes / 1e6 | fixed(3) else "" end] | line),
  "",
  (["pushed", "cache", "wall s", "MB sent", "requests"] | line),
  (.pushes[] | [.form, .cache, (.wall_s | fixed(2)), (.bytes / 1e6 | fixed(3)), (.requests | tostring)] | line),
  "", (.saves[] | [.form, "", (.wall_s | fixed(2))] | line)
