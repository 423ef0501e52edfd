// Drawing stretches: a drag makes one, a cut can be dragged, a double click takes it away.

const drawings = new WeakMap();
const NEAR = 7;
const MOST = 200;

const KEYS_HELP =
  "Left and right move the cursor, with Shift ten times as far, Home and End to the ends. Space "
  + "begins and ends a stretch, Escape leaves it, C puts a cut before the cursor or takes it away, "
  + "Delete takes the nearest cut away.";

function build(place) {
  const root = place.querySelector(".stretches");
  const S = { root, cuts: [], drag: null, cursor: null, anchor: null, told: null, keyboard: false, size: 900 };
  S.svg = shape("svg", {
    class: "plot", tabindex: 0, role: "application", "aria-roledescription": "drawing of stretches",
    "aria-describedby": "keys",
  });
  S.layer = shape("g");
  // stays for good: two clicks are a double click only on one element
  S.ground = shape("rect", { class: "ground", x: LEFT, y: 0, height: HEIGHT - BOTTOM });
  S.svg.append(S.layer, S.ground);
  S.status = el("span", { class: "status" });
  S.spoken = el("div", { class: "unseen", "aria-live": "polite" });
  const hint = el("span", { text: "Drag over a stretch; drag a line to move it; double-click takes "
    + "it away." });
  root.replaceChildren(S.svg, el("div", { class: "below" }, hint, S.status), S.spoken,
    el("div", { class: "unseen", id: "keys", text: KEYS_HELP }));
  const on = (name, run) => S.svg.addEventListener(name, (event) => run(S, event));
  on("pointerdown", onDown);
  on("pointermove", onMove);
  on("pointerup", onUp);
  on("pointercancel", (T) => { T.drag = null; paint(T); });
  on("dblclick", onDouble);
  on("keydown", onKey);
  on("blur", () => { S.keyboard = false; if (S.data) paint(S); });
  S.watch = new ResizeObserver(([entry]) => {
    const size = Math.round(entry.contentRect.width);
    if (size < 150 || size === S.size) return;
    S.size = size;
    if (S.data) paint(S);
  });
  S.watch.observe(root);
  return S;
}

function keyboardUsed(S, used) {
  S.keyboard = used;
  S.root.dataset.input = used ? "keyboard" : "pointer";
}

const offsetOf = (S, event) => event.clientX - S.svg.getBoundingClientRect().left;
const timeOf = (S, px) => clamp(Math.round(S.x.back(px)), 0, S.data.n_points - 1);

/** The cut under the pointer, or null. */
function cutAt(S, px) {
  const away = (cut) => Math.abs(S.x(cut - 0.5) - px);
  const near = S.cuts.filter((cut) => away(cut) <= NEAR);
  return near.length ? near.reduce((a, b) => (away(b) < away(a) ? b : a)) : null;
}

function onDown(S, event) {
  if (event.button !== 0) return;
  const px = offsetOf(S, event);
  if (px < LEFT - NEAR) return;
  event.preventDefault();
  keyboardUsed(S, false);
  S.svg.focus({ preventScroll: true });
  S.svg.setPointerCapture(event.pointerId);
  const t = timeOf(S, px);
  S.drag = { px, from: t, to: t, cut: cutAt(S, px), moved: false };
}

function onMove(S, event) {
  const px = offsetOf(S, event);
  if (!S.drag) {
    S.svg.dataset.zone = cutAt(S, px) === null ? "new" : "cut";
    tell(S, timeOf(S, px));
    return;
  }
  S.drag.to = timeOf(S, px);
  S.drag.at = clamp(Math.round(S.x.back(px) + 0.5), 1, S.data.n_points - 1);
  S.drag.moved ||= Math.abs(px - S.drag.px) > 2;
  if (S.drag.moved) paint(S);
  tell(S, S.drag.to);
}

function onUp(S) {
  if (!S.drag) return;
  const cuts = previewed(S);
  S.drag = null;
  commit(S, cuts);
}

/** The cuts as they are once the pointer is released here. */
function previewed(S) {
  const { from, to, cut, moved, at } = S.drag;
  if (!moved) return S.cuts;
  return cut === null ? withStretch(S, from, to) : tidy(S, [...S.cuts.filter((c) => c !== cut), at]);
}

/** A stretch from one point to another takes the place of whatever lay inside it. */
function withStretch(S, from, to) {
  const [a, b] = ordered(from, to);
  return tidy(S, [...S.cuts.filter((c) => c <= a || c > b), a, b + 1]);
}

const tidy = (S, cuts) =>
  [...new Set(cuts)].filter((c) => c > 0 && c < S.data.n_points).sort((a, b) => a - b);

function onDouble(S, event) {
  const cut = cutAt(S, offsetOf(S, event));
  if (cut !== null) commit(S, S.cuts.filter((c) => c !== cut));
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

function onKey(S, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const n = S.data.n_points;
  const t = S.cursor ?? 0;
  const toggled = S.cuts.includes(t) ? S.cuts.filter((c) => c !== t) : tidy(S, [...S.cuts, t]);
  const nearest = S.cuts.slice().sort((a, b) => Math.abs(a - t) - Math.abs(b - t))[0];
  const space = () => {
    if (S.anchor === null) { S.anchor = t; return; }
    const cuts = withStretch(S, S.anchor, t);
    S.anchor = null;
    commit(S, cuts);
  };
  const runs = {
    ArrowLeft: () => { S.cursor = t; }, ArrowRight: () => { S.cursor = t; },
    Home: () => { S.cursor = 0; }, End: () => { S.cursor = n - 1; },
    " ": space, Escape: () => { S.anchor = null; },
    c: () => commit(S, toggled),
    Delete: () => commit(S, S.cuts.filter((c) => c !== nearest)),
  };
  runs.Backspace = runs.Delete;
  const run = runs[event.key];
  if (!run) return;
  event.preventDefault();
  run();
  if (event.key in STEPS) {
    S.cursor = clamp(t + STEPS[event.key] * (event.shiftKey ? 10 : 1), 0, n - 1);
  }
  S.cursor ??= 0;
  keyboardUsed(S, true);
  tell(S, S.cursor);
  S.spoken.textContent = S.status.textContent;
  paint(S);
}

/** Say where the pointer or the cursor is, and in which stretch. */
function tell(S, t) {
  S.told = t;
  const edges = edgesOf(S, S.drag ? previewed(S) : S.cuts);
  const i = edges.findIndex((edge) => edge > t) - 1;
  const where = `stretch ${i + 1} of ${edges.length - 1}, ${inWords(edges[i], edges[i + 1] - 1)}`;
  const begun = S.anchor === null ? "" : " · a stretch is begun";
  S.status.textContent = `point ${t} · ${where}${begun}`;
}

function commit(S, cuts) {
  const kept = cuts.slice(0, MOST);
  const same = kept.length === S.cuts.length && kept.every((c, i) => c === S.cuts[i]);
  S.cuts = kept;
  paint(S);
  if (S.told !== null) tell(S, S.told);
  if (same) return;
  S.root.setAttribute("aria-busy", "true");
  S.trigger("cuts", kept);
}

export default function stretchDrawing({ data, parentElement, setTriggerValue }) {
  let S = drawings.get(parentElement);
  if (!S || !S.root.isConnected) {
    S = build(parentElement);
    drawings.set(parentElement, S);
    S.size = Math.max(150, Math.round(S.root.getBoundingClientRect().width) || 900);
  }
  S.trigger = setTriggerValue;
  S.data = data;
  if (!S.drag) S.cuts = data.cuts;
  for (const [name, colour] of Object.entries(data.colours)) {
    S.root.style.setProperty(`--${name}`, colour);
  }
  S.svg.setAttribute("aria-label", data.label);
  S.root.removeAttribute("aria-busy");
  S.root.dataset.cuts = data.cuts.join(",");
  paint(S);
  return () => {
    S.watch.disconnect();
    drawings.delete(parentElement);
  };
}
