// The editor of one series: built once, then told about every new state by Streamlit.

const editors = new WeakMap();

const KEYS_HELP =
  "Left and right move the cursor, up and down change the value as wide as the brush, with Shift "
  + "ten times as far. Home and End, Page up and Page down for channels, brackets for the brush. "
  + "Space starts and ends a selection, Escape leaves it. Ctrl Z undoes, Ctrl Shift Z redoes.";

function build(place) {
  const root = place.querySelector(".editor");
  const E = { root, run: newRun(), number: 0, ops: [], sent: new Map(), series: [], preview: {} };
  Object.assign(E, { tool: "pull", width: 1, cursor: { row: 0, t: null }, selection: null });
  Object.assign(E, { anchor: null, drag: null, nudged: null, keyboard: false, size: 900 });
  E.svg = shape("svg", {
    class: "plot", tabindex: 0, role: "application", "aria-roledescription": "series editor",
    "aria-describedby": "keys",
  });
  E.hint = el("span", { class: "hint" });
  E.status = el("span", { class: "status", "aria-hidden": "true" });
  E.note = el("p", { class: "note", role: "alert", hidden: "" });
  E.spoken = el("div", { class: "unseen", "aria-live": "polite" });
  const keys = el("div", { class: "unseen", id: "keys", text: KEYS_HELP });
  const line = el("div", { class: "line-above" }, legendOf("ghost", "original"),
    legendOf("line", "edited"), el("div", { class: "spring" }), E.status);
  root.replaceChildren(readout(E), toolBar(E), E.note, line, E.svg, E.hint,
    stretchBar(E), E.spoken, keys);
  listen(E);
  chooseTool(E, "pull");
  return E;
}

const newRun = () => Array.from(crypto.getRandomValues(new Uint32Array(3)), String).join("-");

const legendOf = (kind, text) =>
  el("span", { class: "key" }, el("i", { class: kind }), el("span", { text }));

function listen(E) {
  const on = (name, run) => E.svg.addEventListener(name, (event) => run(E, event));
  on("pointerdown", onDown);
  on("pointermove", onMove);
  on("pointerup", onUp);
  on("pointercancel", cancelDrag);
  on("pointerleave", (_, event) => { if (!E.drag) hover(E, -1, event.clientY); });
  on("keydown", onKey);
  on("keyup", (_, event) => { if (event.key in ARROWS) commitNudge(E); });
  on("blur", () => commitNudge(E));
  E.svg.addEventListener("wheel", (event) => onWheel(E, event), { passive: false });
  E.shortcut = (event) => onShortcut(E, event);
  document.addEventListener("keydown", E.shortcut);
  E.watch = new ResizeObserver(([entry]) => {
    const size = Math.round(entry.contentRect.width);
    if (size < 200 || size === E.size) return;
    E.size = size;
    if (E.data) paintAll(E);
  });
  E.watch.observe(E.root);
}

/** Colours, buttons and the line of notes: everything around the drawing. */
function paintFrame(E) {
  const { data } = E;
  for (const [name, colour] of Object.entries(data.colours)) {
    E.root.style.setProperty(`--${name}`, colour);
  }
  E.root.style.setProperty("--now", data.classes[data.answer.after_class].colour);
  E.root.dataset.theme = data.dark ? "dark" : "light";
  E.note.hidden = !data.note;
  if (E.note.textContent !== (data.note ?? "")) E.note.textContent = data.note ?? "";
  const named = (node, text, keys) => {
    node.disabled = !text && !E.ops.length;
    node.title = text ? `${node.textContent}: ${text}${keys}` : node.textContent;
  };
  named(E.undo, data.undo, " (Ctrl+Z)");
  named(E.redo, data.redo, " (Ctrl+Shift+Z)");
  E.reset.disabled = !data.undo && !E.ops.length;
  E.everyField.hidden = data.n_channels === 1;
  E.svg.setAttribute("aria-label", data.label);
}

export default function seriesEditor({ data, parentElement, setTriggerValue }) {
  let E = editors.get(parentElement);
  if (!E || !E.root.isConnected) {
    E = build(parentElement);
    editors.set(parentElement, E);
    E.size = Math.max(200, Math.round(E.root.getBoundingClientRect().width) || 900);
  }
  E.trigger = setTriggerValue;
  receive(E, data);
  return () => {
    E.watch.disconnect();
    document.removeEventListener("keydown", E.shortcut);
    editors.delete(parentElement);
  };
}
