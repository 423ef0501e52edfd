// Buttons, fields and groups.

// Drawn on 16 x 16, as strokes.
const ICONS = {
  pull: "M1 12c4 0 3-8 7-8s3 8 7 8M8 9V1M5.5 3.5 8 1l2.5 2.5",
  draw: "M2 14l1-4L11.5 1.5l3 3L6 13zM9.5 3.5l3 3",
  select: "M3 2v12M13 2v12M5.5 8h5M7 6 5 8l2 2M9 6l2 2-2 2",
  undo: "M6 3 2.5 6.5 6 10M2.5 6.5H10a4 4 0 0 1 0 8H6",
  redo: "M10 3l3.5 3.5L10 10M13.5 6.5H6a4 4 0 0 0 0 8h4",
  reset: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5V5h2.6",
};

function icon(name) {
  const svg = shape("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" });
  svg.append(shape("path", { d: ICONS[name] }));
  return svg;
}

function button(label, run, { image = null, hint = label, name = null } = {}) {
  const node = el("button", { type: "button", title: hint, on: { click: run } });
  if (image) node.append(icon(image));
  node.append(el("span", { text: label }));
  if (name) node.dataset.name = name;
  return node;
}

const group = (label, ...children) =>
  el("div", { class: "group", role: "group", "aria-label": label }, ...children);

function field(label, input) {
  return el("label", { class: "field" }, el("span", { text: label }), input);
}

const TOOLS = {
  pull: ["Pull", "Drag a point up or down; its neighbours follow as far as the brush reaches (P)"],
  draw: ["Draw", "Draw the line anew (D)"],
  select: ["Select", "Select a stretch, then drag it or use the buttons below (S)"],
};

/** The upper bar: tool, brush, undo, redo, reset. */
function toolBar(E) {
  E.tools = {};
  for (const [name, [label, hint]] of Object.entries(TOOLS)) {
    E.tools[name] = button(label, () => chooseTool(E, name), { image: name, hint, name });
  }
  E.brush = el("input", {
    type: "range", min: 1, step: 1, "aria-label": "Width of the brush in points",
    on: { input: () => chooseWidth(E, +E.brush.value) },
  });
  E.brushText = el("output");
  const back = (kind, label, hint) =>
    button(label, () => send(E, { kind }), { image: kind, hint, name: kind });
  E.undo = back("undo", "Undo", "Undo (Ctrl+Z)");
  E.redo = back("redo", "Redo", "Redo (Ctrl+Shift+Z)");
  E.reset = back("reset", "Reset", "Put the original back");
  return el(
    "div", { class: "bar" },
    group("Tool", ...Object.values(E.tools)),
    el("div", { class: "brush" }, field("Brush", E.brush), E.brushText),
    el("div", { class: "spring" }),
    group("History", E.undo, E.redo, E.reset),
  );
}

const number = (label, run) =>
  el("input", { type: "number", min: 0, step: 1, "aria-label": label, on: { change: run } });

/** The lower bar: the stretch and what can be done to it. */
function stretchBar(E) {
  const typed = () => selectTyped(E);
  E.from = number("First point of the stretch", typed);
  E.to = number("Last point of the stretch", typed);
  E.everyChannel = el("input", { type: "checkbox", on: { change: () => paintOverlay(E) } });
  E.everyField = field("all channels", E.everyChannel);
  E.source = el("select", {
    "aria-label": "What the stretch is replaced by", on: { change: () => showCaseField(E) },
  });
  E.otherCase = number("Number of the other case", () => {});
  const act = (label, hint, make) =>
    button(label, () => actOnStretch(E, make), { hint, name: hint });
  E.actions = [
    group("Move", act("Up", "Move up", up), act("Down", "Move down", down),
      act("Earlier", "Shift earlier", earlier), act("Later", "Shift later", later)),
    group("Form", act("Taller", "Scale up", taller), act("Flatter", "Scale down", flatter),
      act("Warp ←", "Warp: middle earlier", warpBack), act("Warp →", "Warp: middle later", warpOn)),
    group("Shape", act("Smooth", "Smooth as wide as the brush", smooth),
      act("Flatten", "A straight line between its ends", flat)),
    el("div", { class: "group replace", role: "group", "aria-label": "Replace" },
      E.source, E.otherCase, act("Replace", "Replace the stretch", replaced)),
  ];
  return el(
    "div", { class: "bar stretch" },
    el("div", { class: "span" }, el("span", { text: "Stretch" }), E.from,
      el("span", { text: "to" }), E.to),
    E.everyField,
    ...E.actions,
  );
}

function chooseTool(E, name) {
  E.tool = name;
  for (const [other, node] of Object.entries(E.tools)) {
    node.setAttribute("aria-pressed", String(other === name));
  }
  E.svg.dataset.tool = name;
  E.hint.textContent = HINTS[name];
  paintOverlay(E);
}

function chooseWidth(E, width) {
  E.width = clamp(Math.round(width), 1, +E.brush.max);
  E.brush.value = E.width;
  E.brushText.textContent = E.width === 1 ? "1 point" : `${E.width} points`;
  if (E.drag) preview(E);
  paintOverlay(E);
}

const HINTS = {
  pull: "Drag the line up or down. Alt and the wheel change the brush, Shift and drag select.",
  draw: "Draw over the line. Alt and the wheel change the brush, Shift and drag select.",
  select:
    "Drag to select a stretch; drag it up, down or sideways, pull its handles to scale (top) "
    + "and warp (bottom).",
};
