// Edits: what is sent to Python, and how its answer is taken over.

/** Send an operation. It is repeated with the next one until Python has answered it. */
function send(E, op) {
  E.number += 1;
  E.ops.push({ number: E.number, token: E.data.token, ...op });
  E.sent.set(E.number, performance.now());
  E.root.setAttribute("aria-busy", "true");
  E.trigger("edit", { run: E.run, ops: E.ops });
}

function sendEdit(E, operation, options, { row, a = 0, b = 0, every = false }) {
  const channel = every ? null : E.data.rows[row].channel;
  send(E, { kind: "edit", operation, channel, start: a, stop: b, options });
}

/** Take new data over: at once, but for a series with an edit of our own still on its way. */
function receive(E, data) {
  const shownRows = (d) => d.rows.map((row) => row.channel).join();
  const other = !E.data || E.data.token !== data.token || shownRows(E.data) !== shownRows(data);
  E.data = data;
  if (other) startCase(E);
  const heard = data.heard.run === E.run ? data.heard.number : 0;
  const answered = E.ops.filter((op) => op.number <= heard);
  E.ops = E.ops.filter((op) => op.number > heard);
  if (!E.ops.length && !E.drag && !E.nudged) adopt(E);
  paintFrame(E);
  paintAll(E);
  paintReadout(E);
  if (answered.length) reportLatency(E, answered[answered.length - 1].number);
}

function adopt(E) {
  E.series = E.data.rows.map((row) => row.edited);
  E.preview = {};
}

function startCase(E) {
  const n = E.data.n_points;
  Object.assign(E, { ops: [], drag: null, nudged: null, selection: null, anchor: null });
  E.preview = {};
  E.sent.clear();
  E.root.removeAttribute("aria-busy");
  E.cursor = { row: 0, t: null };
  E.series = E.data.rows.map((row) => row.edited);
  E.brush.max = Math.max(1, Math.round(n / 2));
  E.width = Math.max(1, Math.round(n / 10));
  const sources = E.data.sources.map(({ value, label }) => el("option", { value, text: label }));
  E.source.replaceChildren(...sources);
  [E.from.max, E.to.max, E.otherCase.max] = [n - 1, n - 1, E.data.n_cases - 1];
  E.otherCase.value = E.data.case;
  chooseWidth(E, E.width);
  showCaseField(E);
}

/** How long the answer took, from the release to the drawn picture; read by the tests. */
function reportLatency(E, number) {
  const started = E.sent.get(number);
  for (const k of E.sent.keys()) if (k <= number) E.sent.delete(k);
  if (!E.sent.size) E.root.removeAttribute("aria-busy");
  requestAnimationFrame(() => {
    E.root.dataset.latency = (performance.now() - started).toFixed(0);
    E.root.dataset.answered = String(number);
  });
}

/** Whether the selection (and what is done to it) is about row r. */
const affected = (E, r) =>
  E.selection !== null && (E.everyChannel.checked || E.selection.row === r);

function select(E, row, first, last) {
  const n = E.data.n_points;
  const [a, b] = [Math.min(first, last), Math.max(first, last)].map((t) => clamp(t, 0, n - 1));
  E.selection = { row, a, b: b + 1 };
  paintOverlay(E);
}

function selectTyped(E) {
  if (E.from.value === "" || E.to.value === "") return;
  select(E, E.selection?.row ?? E.cursor.row, Math.round(+E.from.value), Math.round(+E.to.value));
}

function showStretch(E) {
  const chosen = E.selection;
  for (const node of E.actions.flatMap((part) => [...part.querySelectorAll("button")])) {
    node.disabled = !chosen;
  }
  const focused = E.root.getRootNode().activeElement;
  if (focused !== E.from) E.from.value = chosen ? chosen.a : "";
  if (focused !== E.to) E.to.value = chosen ? chosen.b - 1 : "";
}

function showCaseField(E) {
  E.otherCase.hidden = E.source.value !== "case";
}

// What the buttons below do to the stretch; each gives [operation, options].
const heightOf = (E) => {
  const panel = E.panels[E.selection.row];
  return panel.high - panel.low;
};
const lengthOf = (E) => E.selection.b - E.selection.a;
const oneTenth = (E) => Math.max(1, Math.round(lengthOf(E) / 10));

const up = (E) => ["lift", { by: 0.05 * heightOf(E) }];
const down = (E) => ["lift", { by: -0.05 * heightOf(E) }];
const earlier = (E) => ["shift", { by: -Math.min(oneTenth(E), E.selection.b - 1) }];
const later = (E) => ["shift", { by: Math.min(oneTenth(E), E.data.n_points - 1 - E.selection.a) }];
const taller = () => ["scale", { factor: 1.25 }];
const flatter = () => ["scale", { factor: 0.8 }];
const warpBy = (E) => Math.min(lengthOf(E) / 10, 0.45 * (lengthOf(E) - 1));
const warpBack = (E) => ["warp", { by: -warpBy(E), widen: 1 }];
const warpOn = (E) => ["warp", { by: warpBy(E), widen: 1 }];
const smooth = (E) => ["smooth", { width: Math.max(3, E.width) }];
const flat = () => ["flatten", {}];
const replaced = (E) => {
  const [kind, k] = E.source.value.split(":");
  if (kind === "class") return ["class_mean", { class: +k }];
  return ["other_case", { case: Math.round(+E.otherCase.value) }];
};

function actOnStretch(E, make) {
  if (!E.selection) return;
  const [operation, options] = make(E);
  const every = E.everyChannel.checked;
  sendEdit(E, operation, options, { ...E.selection, every });
  if (operation === "shift") select(E, E.selection.row, ...carried(E, options.by));
}

/** Where a stretch lies after it was carried along the axis. */
const carried = (E, by) => [E.selection.a + by, E.selection.b - 1 + by];
