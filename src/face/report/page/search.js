// Search: store paths, parts of the map and programs by what is in their names.

const input = byId("search");
const found = byId("found");

/** So many of what was found are told. */
const FOUND = 40;

let index = null;
let at = -1;
/** Where each of what is told leads. */
let leads = [];

/** All that can be found, made when it is first asked for. */
function everything() {
  const all = storePaths.map((path, number) => ({ kind: "store path", name: path.name, bytes: path.narSize, part: partOf.get(number) ?? lost(number) }));
  for (const waiting = [...whole.children]; waiting.length > 0; ) {
    const part = waiting.pop();
    if (part.storePath === undefined && part.name !== undefined && part.above !== whole) {
      all.push({ kind: part.children || part.files > 1 ? "directory" : "file", name: innerPath(part), bytes: part.bytes, part });
    }
    waiting.push(...(part.children ?? []));
  }
  for (const { path, file, storePath } of report.programs) {
    all.push({ kind: "program", name: path, bytes: null, part: storePath === undefined ? partAt(undefined, file) : fileAt(storePath, file) });
  }
  for (const one of all) one.lower = one.name.toLowerCase();
  return all;
}

/** Names that end with what is looked for, or have it in their last part, come first; then large ones. */
function find(text) {
  index ??= everything();
  const last = (name) => name.slice(name.lastIndexOf("/") + 1);
  const rank = ({ kind, lower }) => (kind === "store path" || kind === "program" ? 0 : 2) + (last(lower).startsWith(text) ? 0 : 1);
  const all = index.filter(({ lower }) => lower.includes(text));
  for (const one of all) one.rank = rank(one);
  return all.sort((a, b) => a.rank - b.rank || (b.bytes ?? 0) - (a.bytes ?? 0));
}

function drawFound() {
  const text = input.value.trim().toLowerCase();
  filterPaths(text);
  at = -1;
  input.removeAttribute("aria-activedescendant");
  if (text === "") return closeFound();
  const all = find(text);
  leads = all.slice(0, FOUND).map((one) => one.part);
  const options = all.slice(0, FOUND).map((one, number) => {
    const owner = one.part.owner !== undefined && one.kind !== "store path" ? make("span", { className: "muted" }, " in ", shown(titleOf(one.part.owner))) : null;
    const name = make("span", { className: "name" }, shown(one.name), owner);
    const amount = make("span", { className: "amount" }, one.bytes === null ? "program" : size(one.bytes));
    const option = make("div", { id: `found${number}`, className: "option" }, name, amount);
    option.setAttribute("role", "option");
    // The pointer is pressed before the input loses the focus.
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(one.part);
    });
    return option;
  });
  const note = make("p", { className: "muted" }, all.length > FOUND ? `${count(all.length)} found; the first ${FOUND} are told` : `${count(all.length)} found`);
  found.replaceChildren(...options, note);
  found.hidden = false;
  input.setAttribute("aria-expanded", "true");
}

function closeFound() {
  found.hidden = true;
  input.setAttribute("aria-expanded", "false");
}

/** Goes to what was found. */
function take(part) {
  closeFound();
  goTo(part);
  map.focus({ preventScroll: true });
  byId("map-title").scrollIntoView({ block: "start" });
}

function move(step) {
  const options = found.querySelectorAll(".option");
  if (options.length === 0) return;
  options[at]?.classList.remove("current");
  at = (at + step + options.length) % options.length;
  options[at].classList.add("current");
  options[at].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", options[at].id);
}

input.addEventListener("input", drawFound);
input.addEventListener("focus", () => input.value.trim() && drawFound());
input.addEventListener("blur", closeFound);
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(at < 0 ? 0 : -1);
  else if (event.key === "Enter") {
    const part = leads[Math.max(at, 0)];
    if (part && !found.hidden) take(part);
  } else if (event.key === "Escape") {
    input.value = "";
    drawFound();
    input.blur();
  } else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  input.focus();
  input.select();
  event.preventDefault();
});
