// The series: one row a channel, the original behind, the edited line before it.

const [LEFT, RIGHT, TOP] = [62, 14, 8];
const ROW_HEIGHTS = [0, 280, 170, 140, 116, 110, 104];

/** Lay rows and strips out and draw everything anew. */
function paintAll(E) {
  const { data } = E;
  E.x = scale(-0.5, data.length - 0.5, LEFT, E.size - RIGHT);
  let y = TOP;
  const several = data.rows.length > 1;
  E.panels = data.rows.map((row, r) => {
    y += several ? 18 : 0;
    const height = ROW_HEIGHTS[data.rows.length];
    const panel = { row, r, top: y, height, ...rangeOf(E, r, y, height) };
    y += height + 8;
    return panel;
  });
  E.foot = y - 8;
  E.svg.replaceChildren(hatching(E), clips(E));
  E.panels.forEach((panel) => E.svg.append(...panelParts(E, panel)));
  y = paintSegments(E, y);
  y = paintMap(E, y);
  y = paintTimeAxis(E, y);
  E.overlay = shape("g", { class: "overlay" });
  E.svg.append(E.overlay);
  E.svg.setAttribute("height", y);
  E.svg.setAttribute("width", E.size);
  E.stack = y - 36;
  E.panels.forEach((panel) => paintLine(E, panel.r));
  paintOverlay(E);
}

/** The values a row shows: those of both lines and some room to drag into. */
function rangeOf(E, r, top, height) {
  const values = [...E.data.rows[r].original, ...E.series[r]];
  let low = Infinity;
  let high = -Infinity;
  values.forEach((v) => { low = Math.min(low, v); high = Math.max(high, v); });
  const room = (high - low || Math.abs(high) || 1) * 0.14;
  return { low: low - room, high: high + room, y: scale(low - room, high + room, top + height, top) };
}

function clips(E) {
  const place = (panel) => shape("clipPath", { id: `clip${panel.r}` }, shape("rect", {
    x: LEFT, y: panel.top, width: E.size - LEFT - RIGHT, height: panel.height,
  }));
  return shape("defs", {}, ...E.panels.map(place));
}

function hatching() {
  const line = shape("path", { d: "M-1 1 1-1M0 7 7 0M6 8 8 6", class: "hatch-line" });
  return shape("defs", {}, shape(
    "pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse" }, line,
  ));
}

function panelParts(E, panel) {
  const { row, top, height, y } = panel;
  const [left, right] = [LEFT, E.size - RIGHT];
  const parts = [shape("rect", {
    class: "ground", x: left, y: top, width: right - left, height, "data-row": panel.r,
  })];
  for (const v of ticks(panel.low, panel.high, height > 150 ? 6 : 4)) {
    parts.push(shape("line", { class: "grid", x1: left, x2: right, y1: y(v), y2: y(v) }));
    parts.push(shape("text", { class: "tick end", x: left - 8, y: y(v) + 4, text: shown(v) }));
  }
  if (E.data.rows.length > 1) {
    parts.push(shape("text", { class: "title", x: left, y: top - 5, text: row.name }));
  }
  if (E.data.length > E.data.n_points) parts.push(padding(E, top, height));
  parts.push(...cuts(E, top, height));
  const inside = { "clip-path": `url(#clip${panel.r})` };
  panel.fill = shape("path", { class: "change", ...inside });
  panel.ghost = shape("path", { class: "ghost", d: path(E, panel, row.original), ...inside });
  panel.line = shape("path", { class: "line", ...inside });
  const marks = row.missing.map((t) => shape("circle", {
    class: "missing", cx: E.x(t), cy: y(row.original[t]), r: 3,
  }, shape("title", { text: "missing in the file; interpolated" })));
  return [...parts, panel.fill, panel.ghost, panel.line, ...marks];
}

function padding(E, top, height) {
  const start = E.x(E.data.n_points - 0.5);
  return shape("rect", {
    x: start, y: top, width: E.size - RIGHT - start, height, fill: "url(#hatch)", class: "padding",
  }, shape("title", { text: "padding: the case ends before it" }));
}

/** Lines between segments: dotted where they were, dashed where they are. */
function cuts(E, top, height) {
  const { segments } = E.data;
  if (!segments) return [];
  const line = (name) => segments[name].slice(1, -1).map((cut) => shape("line", {
    class: `cut ${name}`, x1: E.x(cut - 0.5), x2: E.x(cut - 0.5), y1: top, y2: top + height,
  }));
  return [...line("before"), ...line("after")];
}

function path(E, panel, values) {
  let d = "";
  values.forEach((v, t) => {
    d += `${t ? "L" : "M"}${E.x(t).toFixed(1)} ${panel.y(v).toFixed(1)}`;
  });
  return d;
}

/** Draw the edited line of a row and the area between it and the original. */
function paintLine(E, r) {
  const panel = E.panels[r];
  const values = E.preview[r] ?? E.series[r];
  const d = path(E, panel, values);
  panel.line.setAttribute("d", d);
  const back = panel.row.original
    .map((v, t) => `L${E.x(t).toFixed(1)} ${panel.y(v).toFixed(1)}`).reverse().join("");
  panel.fill.setAttribute("d", `${d}${back}Z`);
}
