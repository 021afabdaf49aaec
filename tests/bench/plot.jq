# The figures as a picture: time against the size of the closure, both in powers of ten.

def frame: { left: 70, top: 40, width: 620, height: 420 };
def colours: ["#1b6ac9", "#d1493f", "#3a8f4d", "#8a5bb5", "#c98a1b", "#4aa3a8", "#777777", "#b5446e", "#5f6f1f", "#333333", "#e377c2", "#8c564b"];
def shown: . * 100 | round / 100 | tostring;
def two: . * 10 | round / 10;

. as $all
| [to_entries[] | select(.key | IN("small", "medium", "large", "tiny")) | .key as $input | .value | to_entries[]
    # It packs twice, so its time is no peer of the others'.
    | select(.value.bytes and .key != "nix2aci-twice") | { row: .key, x: ($all.inputs[$input].nar_bytes / 1e6), y: .value.wall_s }]
| . as $points
| if length == 0 then "<svg xmlns=\"http://www.w3.org/2000/svg\"/>" else
  ([$points[].x] | [min, max] | [(.[0] | log10 | floor), (.[1] | log10 | ceil)]) as [$x0, $x1]
  | ([$points[].y] | [min, max] | [(.[0] | log10 | floor), (.[1] | log10 | ceil)]) as [$y0, $y1]
  | frame as $f
  | def across: (log10 - $x0) / ([$x1 - $x0, 1] | max) * $f.width + $f.left | two;
    def down: $f.top + $f.height - (log10 - $y0) / ([$y1 - $y0, 1] | max) * $f.height | two;
    ($points | map(.row) | reduce .[] as $row ([]; if index([$row]) then . else . + [$row] end)) as $rows
  | [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"520\" font-family=\"sans-serif\" font-size=\"13\">",
      "<rect width=\"900\" height=\"520\" fill=\"white\"/>",
      "<text x=\"\($f.left)\" y=\"24\" font-size=\"16\">Wall time against the size of the closure</text>",
      (range($x0; $x1 + 1) | pow(10; .) | "<path d=\"M\(across) \($f.top)v\($f.height)\" stroke=\"#ddd\"/>"
        + "<text x=\"\(across)\" y=\"\($f.top + $f.height + 20)\" text-anchor=\"middle\">\(shown) MB</text>"),
      (range($y0; $y1 + 1) | pow(10; .) | "<path d=\"M\($f.left) \(down)h\($f.width)\" stroke=\"#ddd\"/>"
        + "<text x=\"\($f.left - 8)\" y=\"\(down + 4)\" text-anchor=\"end\">\(shown) s</text>"),
      ($rows | to_entries[] | .key as $number | .value as $row | colours[$number % (colours | length)] as $colour
        | ($points | map(select(.row == $row)) | sort_by(.x)) as $line
        | "<path d=\"M\($line | map("\(.x | across) \(.y | down)") | join("L"))\" fill=\"none\" stroke=\"\($colour)\" stroke-width=\"\(if $row == "nix2aci" then 3 else 1.5 end)\"/>",
          ($line[] | "<circle cx=\"\(.x | across)\" cy=\"\(.y | down)\" r=\"3\" fill=\"\($colour)\"/>"),
          "<rect x=\"710\" y=\"\($f.top + $number * 22)\" width=\"14\" height=\"14\" fill=\"\($colour)\"/>",
          "<text x=\"732\" y=\"\($f.top + $number * 22 + 12)\">\($row)</text>"),
      "</svg>"
    ] | join("\n")
  end
