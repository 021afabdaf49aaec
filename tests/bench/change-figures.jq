# From single builds, pushes and saves to the figures of changes, which go beside the others.
# In: the figures so far; $builds, $pushes and $saves, an object for each.

def median: sort | .[(length - 1) / 2 | floor];
# The groups of what has the same key, in the order in which they begin.
def grouped(key): reduce .[] as $item ({}; .[$item | key] += [$item]) | [.[]];

.change = {
  builds: [$builds | grouped("\(.form) \(.change)")[] | {
    form: .[0].form, change: .[0].change, wall_s: map(.wall_s) | median, cpu_s: map(.cpu_s) | median,
    new_bytes: .[0].new_bytes, all_new_bytes: map(.new_bytes) | add, builds: length
  }],
  pushes: $pushes,
  saves: $saves
}
