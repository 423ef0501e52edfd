// The pointer: every drag is previewed here, and sent once, when it ends.

const NEAR = 8;

const offset = (E, event) => {
  const box = E.svg.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
const timeAt = (E, px) => clamp(Math.round(E.x.back(px)), 0, E.data.n_points - 1);
const rowAt = (E, py) =>
  E.panels.findIndex((p) => py >= p.top - 4 && py <= p.top + p.height + 4);

function onDown(E, event) {
  if (event.button !== 0) return;
  const [px, py] = offset(E, event);
  const row = rowAt(E, py);
  if (row < 0 || px < LEFT - 8) return;
  event.preventDefault();
  keyboardUsed(E, false);
  E.svg.focus({ preventScroll: true });
  E.svg.setPointerCapture(event.pointerId);
  if (event.shiftKey) chooseTool(E, "select");
  const mode = E.tool === "select" ? zoneAt(E, row, px, py, event.shiftKey) : E.tool;
  E.anchor = null;
  E.cursor = { row, t: timeAt(E, px) };
  E.drag = { mode, row, px, py, t: timeAt(E, px), at: [px, py], moved: false, stroke: [] };
  if (mode === "draw") addToStroke(E);
  paintOverlay(E);
}

/** What a drag that starts here does to the selection. */
function zoneAt(E, row, px, py, anew) {
  if (anew || !affected(E, row)) return "select";
  const { a, b } = E.selection;
  const [x0, x1, panel] = [E.x(a - 0.5), E.x(b - 0.5), E.panels[row]];
  const near = (y) => Math.hypot(px - (x0 + x1) / 2, py - y) < NEAR + 4;
  if (near(panel.top + 11)) return "scale";
  if (near(panel.top + panel.height - 11)) return "warp";
  if (Math.abs(px - x0) < NEAR) return "left";
  if (Math.abs(px - x1) < NEAR) return "right";
  return px > x0 && px < x1 ? "move" : "select";
}

function onMove(E, event) {
  const [px, py] = offset(E, event);
  if (!E.drag) {
    hover(E, px, py);
    return;
  }
  E.drag.at = [px, py];
  if (!E.drag.moved && Math.hypot(px - E.drag.px, py - E.drag.py) > 2) E.drag.moved = true;
  if (E.drag.mode === "draw") addToStroke(E);
  if (E.drag.moved) preview(E);
  paintOverlay(E);
}

function hover(E, px, py) {
  const row = rowAt(E, py);
  const inside = row >= 0 && px >= LEFT && px <= E.x(E.data.n_points - 0.5);
  const t = inside ? timeAt(E, px) : null;
  if (inside && E.tool === "select") {
    E.svg.dataset.zone = zoneAt(E, row, px, py, false);
  } else delete E.svg.dataset.zone;
  if (E.anchor !== null || (t === null && E.keyboard)) return;
  if (t !== null) keyboardUsed(E, false);
  if (t === E.cursor.t && (t === null || row === E.cursor.row)) return;
  E.cursor = { row: inside ? row : E.cursor.row, t };
  paintOverlay(E);
}

function addToStroke(E) {
  const [px, py] = E.drag.at;
  const t = clamp(E.x.back(px), 0, E.data.n_points - 1);
  E.drag.stroke.push(+t.toFixed(2), E.panels[E.drag.row].y.back(py));
  E.cursor = { row: E.drag.row, t: Math.round(t) };
}

/** The operation a drag stands for by now: [operation, options], null where there is none. */
function dragged(E) {
  const { mode, row, px, py, at, t, stroke } = E.drag;
  const panel = E.panels[row];
  const by = panel.y.back(at[1]) - panel.y.back(py);
  const points = E.x.back(at[0]) - E.x.back(px);
  const n = E.selection ? lengthOf(E) : 0;
  if (mode === "pull") return ["drag", { at: t, by, width: E.width }];
  if (mode === "draw") return ["draw", { stroke, width: E.width }];
  if (mode === "scale") return ["scale", { factor: clamp(1 + (py - at[1]) / 60, -4, 6) }];
  if (mode === "warp") {
    return ["warp", { by: clamp(points, -0.45 * (n - 1), 0.45 * (n - 1)), widen: 1 }];
  }
  if (mode !== "move") return null;
  E.drag.along ??= Math.abs(at[0] - px) > Math.abs(at[1] - py);
  if (!E.drag.along) return ["lift", { by }];
  const { a, b } = E.selection;
  return ["shift", { by: clamp(Math.round(points), 1 - b, E.data.n_points - 1 - a) }];
}

/** Show what the drag would do, without asking Python. */
function preview(E) {
  const { mode, row, t, at } = E.drag;
  if (mode === "select") select(E, row, t, timeAt(E, at[0]));
  else if (mode === "left") select(E, E.selection.row, timeAt(E, at[0]), E.selection.b - 1);
  else if (mode === "right") select(E, E.selection.row, E.selection.a, timeAt(E, at[0]));
  const edit = dragged(E);
  if (edit) previewEdit(E, row, ...edit);
}

function previewEdit(E, row, operation, options) {
  const { a = 0, b = 0 } = E.selection ?? {};
  const rows = ["drag", "draw"].includes(operation)
    ? [row] : E.panels.map((p) => p.r).filter((r) => affected(E, r));
  for (const r of rows) {
    E.preview[r] = SHAPES[operation](E.series[r], options, a, b);
    paintLine(E, r);
  }
}

function onUp(E) {
  const { drag } = E;
  if (!drag) return;
  if (!drag.moved) {
    if (drag.mode === "select") E.selection = null;
    cancelDrag(E);
    return;
  }
  const edit = dragged(E);
  E.drag = null;
  if (!edit) return;
  const [operation, options] = edit;
  keepPreview(E);
  const about = ["drag", "draw"].includes(operation) ? { row: drag.row } : { ...E.selection };
  sendEdit(E, operation, options, { ...about, every: about.a !== undefined && E.everyChannel.checked });
  if (operation === "shift") select(E, E.selection.row, ...carried(E, options.by));
}

/** Until Python answers, the preview is the series: a second drag goes on from it. */
function keepPreview(E) {
  Object.entries(E.preview).forEach(([r, values]) => { E.series[r] = values; });
  E.preview = {};
}

function cancelDrag(E) {
  const rows = Object.keys(E.preview).map(Number);
  E.drag = null;
  E.preview = {};
  if (!E.ops.length) adopt(E);
  rows.forEach((r) => paintLine(E, r));
  paintOverlay(E);
}

function onWheel(E, event) {
  if (!event.altKey && E.drag?.mode !== "pull") return;
  event.preventDefault();
  const turn = event.deltaY || event.deltaX;
  const step = Math.max(1, Math.round(E.width / 8));
  chooseWidth(E, E.width + (turn < 0 ? step : -step));
}
