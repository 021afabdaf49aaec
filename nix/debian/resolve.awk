# From the names of programs to the Debian packages behind them.
#
# In:   -v want="NAME …" -v arch=ARCH; first the file `programs`, then apt's records of all
#       packages (`apt-cache dumpavail`).
# Out:  index.json on the standard output, and in the file -v state=FILE what `fetch` acts on:
#       lines `program NAME` and `package NAME VERSION FILE SHA256 SIZE`.
#
# Invariant: what a package depends on is decided by apt's records and the file `programs`
# alone, never by what else is wanted, so that fetching more changes nothing fetched before.

function fail(text) { print "fetch: " text > "/dev/stderr"; failed = 1; exit 1 }

# The package that answers one alternative of a dependency: the package of that name, or the
# provider that `programs` names, or the first provider by name.
function real(name,    i, n, list, best) {
    if (name in version) return name
    n = split(providers[name], list, " ")
    best = ""
    for (i = 1; i <= n; i++) {
        if (list[i] in row) return list[i]
        if (best == "" || list[i] < best) best = list[i]
    }
    return best
}

# The names that a field such as `Depends` comes down to, as "a b c ".
function resolve(package,    i, j, n, m, clauses, alternatives, name, found, chosen, seen, result) {
    n = split(depends[package] unstated[package], clauses, ",")
    result = ""
    for (i = 1; i <= n; i++) {
        if (clauses[i] !~ /[^ \t]/) continue
        m = split(clauses[i], alternatives, "|")
        chosen = ""
        for (j = 1; j <= m && chosen == ""; j++) {
            name = alternatives[j]
            sub(/\(.*/, "", name)
            sub(/:.*/, "", name)
            gsub(/[ \t]/, "", name)
            if (name == "" || (name in skip)) { chosen = "-"; break }
            found = real(name)
            if (found != "" && (found in skip)) { chosen = "-"; break }
            chosen = found
        }
        if (chosen == "")
            fail("no package for \"" clauses[i] "\", which " package " depends on: run apt-get update")
        if (chosen == "-" || chosen == package || (chosen in seen)) continue
        if ((package in row) && ((row[package], chosen) in unused)) continue
        seen[chosen] = 1
        result = result chosen " "
    }
    return result
}

function add(package) {
    if (package in added) return
    added[package] = 1
    queue[++last] = package
}

function addRow(name,    i, n, list) {
    n = split(members[name], list, " ")
    for (i = 1; i <= n; i++) add(list[i])
}

function quote(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    gsub(/[\001-\037]/, " ", text)
    return "\"" text "\""
}

function quoteList(words,    i, n, list, result) {
    n = split(words, list, " ")
    result = ""
    for (i = 1; i <= n; i++) result = result (i > 1 ? ", " : "") quote(list[i])
    return "[" result "]"
}

FNR == 1 { file++ }

file == 1 && /^($|#)/ { next }
file == 1 && $1 == "skip" { for (i = 2; i <= NF; i++) skip[$i] = 1; next }
file == 1 && $2 == "=" { alias[$1] = $3; next }
file == 1 && $2 == "!" { reason = $0; sub(/^[^!]*![ \t]*/, "", reason); absent[$1] = reason; next }
file == 1 {
    for (i = 3; i <= NF; i++) {
        if ($i ~ /^-/) unused[$1, substr($i, 2)] = 1
        else if ($i ~ /^\+/) unstated[$3] = unstated[$3] ", " substr($i, 2)
        else { row[$i] = $1; members[$1] = members[$1] $i " " }
    }
    next
}

# apt's records; continuation lines begin with a blank and matter to no field read here.
/^Package: / { name = $2; field[""] = 0; delete field; next }
/^(Version|Architecture|Depends|Pre-Depends|Provides|SHA256|Size|Description): / {
    key = substr($0, 1, index($0, ":") - 1)
    field[key] = substr($0, length(key) + 3)
    next
}
/^$/ { record() }

function record(    i, n, list, provided) {
    if (name == "" || (field["Architecture"] != arch && field["Architecture"] != "all")) { name = ""; return }
    version[name] = field["Version"]
    architecture[name] = field["Architecture"]
    depends[name] = field["Pre-Depends"] "," field["Depends"]
    sha256[name] = field["SHA256"]
    size[name] = field["Size"]
    description[name] = field["Description"]
    n = split(field["Provides"], list, ",")
    for (i = 1; i <= n; i++) {
        provided = list[i]
        sub(/\(.*/, "", provided)
        gsub(/[ \t]/, "", provided)
        providers[provided] = providers[provided] name " "
    }
    name = ""
}

END {
    if (failed) exit 1
    record()
    if (!("libc6" in version)) fail("apt knows no packages: run apt-get update")
    n = split(want, names, " ")
    programs = ""
    for (i = 1; i <= n; i++) {
        name = names[i]
        if (name in alias) name = alias[name]
        if (name in absent) fail(name ": " absent[name])
        if (!(name in members)) fail(name ": no such program; the file programs beside this script lists them")
        if (name in wanted) continue
        wanted[name] = 1
        addRow(name)
        programs = programs name " "
        print "program " name > state
    }
    for (first = 1; first <= last; first++) {
        name = queue[first]
        if (!(name in version)) fail("apt has no package " name ": run apt-get update")
        if (name in row) addRow(row[name])
        resolved[name] = resolve(name)
        m = split(resolved[name], list, " ")
        for (i = 1; i <= m; i++) add(list[i])
    }
    print "{"
    print "  \"format\": 1,"
    print "  \"rules\": \"" rules "\","
    print "  \"architecture\": " quote(arch) ","
    print "  \"programs\": " quoteList(programs) ","
    print "  \"packages\": {"
    for (first = 1; first <= last; first++) {
        name = queue[first]
        file = version[name]
        sub(/^[0-9]+:/, "", file)
        file = name "_" file "_" architecture[name] ".deb"
        gsub(/[^A-Za-z0-9+._-]/, "-", file)
        print "    " quote(name) ": {"
        print "      \"version\": " quote(version[name]) ","
        print "      \"file\": " quote(file) ","
        print "      \"sha256\": " quote(sha256[name]) ","
        print "      \"description\": " quote(description[name]) ","
        print "      \"depends\": " quoteList(resolved[name])
        print "    }" (first < last ? "," : "")
        print "package", name, version[name], file, sha256[name], size[name] > state
    }
    print "  }"
    print "}"
}
