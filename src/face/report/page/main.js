// The beginning: draws everything once.

const FORMS = { aci: "App Container Image", oci: "OCI image" };

{
  const { image } = report;
  byId("name").replaceChildren(shown(image.name), " ", make("span", { className: "version" }, shown(image.version)));
  const below = image.standsOn.length > 0 ? `, on ${image.standsOn.join(", ")}` : "";
  byId("subtitle").replaceChildren(shown(`${image.kind} ${FORMS[image.form]} for ${image.os}, ${image.arch}${below}`));
  drawFigures();
  drawDetails(null);
  drawMap();
  drawPaths();
  drawLists();
  drawFacts();
}

// Paper has room for more rows, and nothing on it can be unfolded.
window.addEventListener("beforeprint", () => {
  rowsShown = Math.max(rowsShown, 200);
  drawPaths();
  for (const details of document.querySelectorAll("details")) details.open = true;
});
