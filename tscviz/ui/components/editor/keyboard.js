// The keyboard: arrows move a cursor and the value under it; a held key is one edit.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const LARGER = 10;

function onKey(E, event) {
  const run = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keyboardUsed(E, true);
  run(E, event);
}

/** Whether the keyboard has the cursor: then it stays where the pointer is not, and is ringed. */
function keyboardUsed(E, used) {
  E.keyboard = used;
  E.root.dataset.input = used ? "keyboard" : "pointer";
}

const KEYS = {
  ArrowLeft: (E, event) => arrow(E, event),
  ArrowRight: (E, event) => arrow(E, event),
  ArrowUp: (E, event) => arrow(E, event),
  ArrowDown: (E, event) => arrow(E, event),
  Home: (E) => moveTo(E, 0),
  End: (E) => moveTo(E, E.data.n_points - 1),
  PageUp: (E) => changeRow(E, -1),
  PageDown: (E) => changeRow(E, 1),
  " ": (E) => toggleAnchor(E),
  Escape: (E) => escape(E),
  "[": (E) => chooseWidth(E, E.width - 1),
  "]": (E) => chooseWidth(E, E.width + 1),
  p: (E) => chooseTool(E, "pull"),
  d: (E) => chooseTool(E, "draw"),
  s: (E) => chooseTool(E, "select"),
};

function arrow(E, event) {
  const [along, upward] = ARROWS[event.key];
  const times = event.shiftKey ? LARGER : 1;
  if (E.cursor.t === null) moveTo(E, 0);
  else if (along) moveTo(E, E.cursor.t + along * times);
  else nudge(E, upward * times);
}

function moveTo(E, t) {
  commitNudge(E);
  E.cursor.t = clamp(t, 0, E.data.n_points - 1);
  if (E.anchor !== null) select(E, E.cursor.row, E.anchor, E.cursor.t);
  else paintOverlay(E);
  say(E);
}

function changeRow(E, by) {
  commitNudge(E);
  E.cursor.row = clamp(E.cursor.row + by, 0, E.panels.length - 1);
  E.cursor.t ??= 0;
  paintOverlay(E);
  say(E);
}

function toggleAnchor(E) {
  E.cursor.t ??= 0;
  E.anchor = E.anchor === null ? E.cursor.t : null;
  if (E.anchor === null) return;
  chooseTool(E, "select");
  select(E, E.cursor.row, E.anchor, E.cursor.t);
}

/** Up and down: the selected stretch with the tool Select, else the point with the brush. */
function nudge(E, steps) {
  const lifts = E.tool === "select" && E.selection;
  const row = lifts ? E.selection.row : E.cursor.row;
  const panel = E.panels[row];
  const t = E.cursor.t;
  E.nudged ??= { by: 0, row, t, lifts: Boolean(lifts) };
  E.nudged.by += (steps * (panel.high - panel.low)) / 50;
  previewEdit(E, row, ...nudgeEdit(E));
  paintOverlay(E);
}

function nudgeEdit(E) {
  const { by, t, lifts } = E.nudged;
  return lifts ? ["lift", { by }] : ["drag", { at: t, by, width: E.width }];
}

/** When the key is released, or something else is done: send the sum of the steps. */
function commitNudge(E) {
  if (!E.nudged) return;
  const { row, lifts } = E.nudged;
  const [operation, options] = nudgeEdit(E);
  E.nudged = null;
  keepPreview(E);
  const about = lifts ? { ...E.selection, every: E.everyChannel.checked } : { row };
  sendEdit(E, operation, options, about);
  say(E);
}

function escape(E) {
  E.nudged = null;
  E.anchor = null;
  if (!E.drag && !Object.keys(E.preview).length) E.selection = null;
  cancelDrag(E);
}

/** Ctrl+Z and its kin: in the editor but for its fields, and where nothing has the focus. */
function onShortcut(E, event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const [key, way] = [event.key.toLowerCase(), event.composedPath()];
  if (key !== "z" && key !== "y") return;
  if (way[0].type === "number" || (way[0] !== document.body && !way.includes(E.root))) return;
  event.preventDefault();
  commitNudge(E);
  const redo = key === "y" || event.shiftKey;
  if (redo ? E.data.redo : E.data.undo || E.ops.length) send(E, { kind: redo ? "redo" : "undo" });
}

/** What lies under the cursor, in words. */
function statusOf(E) {
  const { row, t } = E.cursor;
  if (t === null) return "";
  const { rows, segments, map } = E.data;
  const was = (now, before) => (now === before ? now : `${now} (was ${before})`);
  const now = (E.preview[row] ?? E.series[row])[t];
  const parts = [`point ${t}`, `${rows[row].name} ${was(shown(now), shown(rows[row].original[t]))}`];
  if (segments) {
    const of = (cuts_) => cuts_.findLastIndex((cut) => cut <= t) + 1;
    parts.push(`segment ${was(of(segments.after), of(segments.before))}`);
  }
  if (map) {
    const i = map.names.length ? row : 0;
    const before = shown(map.before[i][t]);
    parts.push(`map ${map.after ? was(shown(map.after[i][t]), before) : `was ${before}`}`);
  }
  return parts.join(" · ");
}

function say(E) {
  E.spoken.textContent = statusOf(E);
}
