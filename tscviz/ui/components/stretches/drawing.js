// The picture: the series, every second stretch shaded, the cuts between them, the cursor.

const LEFT = 46;
const RIGHT = 8;
const HEIGHT = 148;
const BOTTOM = 22;
const TOP = 24; // room for the numbers of the stretches

/** Edges of all stretches, from 0 to the end. */
const edgesOf = (S, cuts = S.cuts) => [0, ...cuts, S.data.n_points];

function paint(S) {
  const { data } = S;
  const n = data.n_points;
  S.x = scale(-0.5, n - 0.5, LEFT, S.size - RIGHT);
  const values = data.series.flat().filter((v) => v !== null);
  const y = scale(Math.min(...values), Math.max(...values), HEIGHT - BOTTOM - 8, TOP);
  S.svg.setAttribute("viewBox", `0 0 ${S.size} ${HEIGHT}`);
  S.svg.setAttribute("height", HEIGHT);
  S.ground.setAttribute("width", S.size - LEFT - RIGHT);
  const lines = data.series.map((row, c) =>
    shape("path", { class: c ? "line other" : "line", d: pathOf(S, row, y) }));
  S.layer.replaceChildren(...bandsOf(S), ...lines, ...timesOf(S), ...overlayOf(S));
}

function pathOf(S, row, y) {
  let pen = "M";
  return row.map((v, t) => {
    if (v === null) { pen = "M"; return ""; }
    const part = `${pen}${S.x(t).toFixed(1)} ${y(v).toFixed(1)}`;
    pen = "L";
    return part;
  }).join("");
}

function bandsOf(S) {
  const cuts = S.drag ? previewed(S) : S.cuts;
  const edges = edgesOf(S, cuts);
  const out = [];
  edges.slice(0, -1).forEach((a, i) => {
    const [x0, x1] = [S.x(a - 0.5), S.x(edges[i + 1] - 0.5)];
    const band = shape("rect", {
      class: i % 2 ? "band odd" : "band", x: x0, y: 0, width: x1 - x0, height: HEIGHT - BOTTOM,
    });
    out.push(band);
    if (x1 - x0 > 18) {
      out.push(shape("text", { class: "label", x: (x0 + x1) / 2, y: 13, text: String(i + 1) }));
    }
  });
  for (const cut of cuts) {
    const at = S.x(cut - 0.5);
    out.push(shape("line", { class: "cut", x1: at, x2: at, y1: 0, y2: HEIGHT - BOTTOM }));
  }
  return out;
}

function timesOf(S) {
  return ticks(0, S.data.n_points - 1, Math.max(2, Math.floor(S.size / 110))).map((t) =>
    shape("text", { class: "tick", x: S.x(t), y: HEIGHT - 6, text: String(t) }));
}

/** The cursor of the keyboard, and the stretch it has begun. */
function overlayOf(S) {
  if (S.cursor === null || !S.keyboard) return [];
  const out = [shape("line", {
    class: "cursor", x1: S.x(S.cursor), x2: S.x(S.cursor), y1: 0, y2: HEIGHT - BOTTOM,
  })];
  if (S.anchor !== null) {
    const [a, b] = ordered(S.anchor, S.cursor);
    out.push(shape("rect", {
      class: "begun", x: S.x(a - 0.5), y: 0, width: S.x(b + 0.5) - S.x(a - 0.5),
      height: HEIGHT - BOTTOM,
    }));
  }
  return out;
}

const ordered = (a, b) => (a < b ? [a, b] : [b, a]);
