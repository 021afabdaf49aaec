// Concerns: what may not be meant so, by what kind it is of.

const CONCERNS = {
  secrets: "Private keys and passwords",
  writable: "Writable to anyone",
  setuid: "With the rights of its owner",
  dangling: "Links to nothing",
  compiler: "Compilers",
  versions: "Several versions",
  development: "Only for building",
  documentation: "Documentation",
};

function drawConcerns() {
  const { concerns } = report;
  if (concerns.length === 0) return section("Worth a second look", make("p", { className: "muted" }, "Nothing was found."));
  const one = ({ storePath, path, about, number, bytes }) => {
    const owner = storePath === undefined ? [] : [toPath(storePath)];
    const inner = path === "" ? [] : [shown(path)];
    const note = [about, number > 1 ? `one of ${count(number)}` : ""].filter((text) => text !== "").join(", ");
    const name = make("span", { className: "name" }, ...owner, ...inner);
    if (note !== "") name.append(make("div", { className: "muted example" }, shown(note)));
    return make("li", {}, name, make("span", { className: "amount" }, bytes > 0 ? size(bytes) : ""));
  };
  const content = Object.entries(CONCERNS).flatMap(([word, title]) => {
    const found = concerns.filter(({ concern }) => concern === word);
    if (found.length === 0) return [];
    const allowed = found[0].allowed ? make("span", { className: "muted" }, ` allowed by "${word}"`) : "";
    return [make("h4", {}, `${title} (${count(found.length)})`, allowed), folded(found, 6, one)];
  });
  return section("Worth a second look", ...content);
}
