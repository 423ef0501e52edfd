// Below the series, on its time axis: segments and map, before and after; and the cursor.

const STRIP = { before: 9, after: 16, gap: 3, heading: 30, title: 20 };

function strips(E, y, title, parts, aside = []) {
  E.svg.append(shape("text", { class: "title", x: LEFT, y: y + STRIP.title, text: title }));
  E.svg.append(...aside);
  let at = y + STRIP.heading;
  for (const name of ["before", "after"]) {
    const used = parts(name, at);
    const middle = at + used / 2 + 4;
    E.svg.append(shape("text", { class: "tick end", x: LEFT - 8, y: middle, text: name }));
    at += used + STRIP.gap;
  }
  return at;
}

function paintSegments(E, y) {
  const { segments } = E.data;
  if (!segments) return y;
  return strips(E, y, "segments", (name, top) => {
    const [cuts_, height] = [segments[name], name === "after" ? 18 : 12];
    cuts_.slice(0, -1).forEach((start, i) => {
      const [a, b] = [E.x(start - 0.5), E.x(cuts_[i + 1] - 0.5)];
      E.svg.append(shape("rect", {
        class: `segment ${name}`, x: a + 1, y: top, width: Math.max(1, b - a - 2), height, rx: 3,
      }, shape("title", { text: `segment ${i + 1}: ${inWords(start, cuts_[i + 1] - 1)}` })));
      if (b - a > 14) {
        E.svg.append(shape("text", {
          class: "tick middle", x: (a + b) / 2, y: top + height / 2 + 4, text: i + 1,
        }));
      }
    });
    return height;
  });
}

function paintMap(E, y) {
  const { map, n_points: n } = E.data;
  if (!map) return y;
  const place = { x: E.x(-0.5), width: E.x(n - 0.5) - E.x(-0.5), preserveAspectRatio: "none" };
  const heights = map.names.length ? { before: 8, after: 11 } : { before: 12, after: 20 };
  return strips(E, y, map.title, (name, top) => {
    const height = heights[name];
    map[name]?.forEach((values, i) => {
      E.svg.append(shape("image", {
        ...place, y: top + i * (height + 1), height, class: "strip",
        href: stripImage(values, map.limits, map.stops),
      }));
    });
    const used = map.before.length * (height + 1) - 1;
    if (!map[name]) E.svg.append(...outOfDate(E, place, top, used));
    return used;
  }, legend(E, map, y + STRIP.title));
}

const outOfDate = (E, place, top, height) => [
  shape("rect", { x: place.x, width: place.width, y: top, height, class: "segment", rx: 3 }),
  shape("text", {
    class: "tick middle", x: place.x + place.width / 2, y: top + height / 2 + 4,
    text: "takes longer: press Update the map",
  }),
];

/** The colour scale of the map, at the right end of its heading. */
function legend(E, map, y) {
  const [width, right] = [E.size < 640 ? 50 : 110, E.size - RIGHT];
  const steps = map.stops.map((_, i) => i / (map.stops.length - 1));
  const [low, high] = map.limits.map(shown);
  const start = right - width - 8 * (high.length + 1);
  return [
    shape("text", { class: "tick end", x: start - 6, y, text: low }),
    shape("image", {
      x: start, y: y - 9, width, height: 9, preserveAspectRatio: "none",
      href: stripImage(steps, [0, 1], map.stops),
    }),
    shape("text", { class: "tick", x: start + width + 6, y, text: high }),
  ];
}

function paintTimeAxis(E, y) {
  const [left, right] = [LEFT, E.size - RIGHT];
  E.svg.append(shape("line", { class: "axis", x1: left, x2: right, y1: y + 4, y2: y + 4 }));
  for (const t of ticks(0, E.data.length - 1, Math.min(12, (right - left) / 70))) {
    if (!Number.isInteger(t)) continue;
    E.svg.append(shape("line", { class: "axis", x1: E.x(t), x2: E.x(t), y1: y + 4, y2: y + 8 }));
    E.svg.append(shape("text", { class: "tick middle", x: E.x(t), y: y + 21, text: t }));
  }
  const middle = (left + right) / 2;
  E.svg.append(shape("text", { class: "tick middle", x: middle, y: y + 37, text: "time point" }));
  return y + 44;
}

/** Selection, brush and cursor: what moves without a new drawing. */
function paintOverlay(E) {
  if (!E.overlay) return;
  const parts = [...selectionParts(E), ...brushParts(E)];
  E.overlay.replaceChildren(...parts);
  showStretch(E);
  E.status.textContent = statusOf(E);
}

function brushParts(E) {
  const { row, t } = E.cursor;
  if (t === null) return [];
  const [panel, at] = [E.panels[row], E.x(t)];
  const values = E.preview[row] ?? E.series[row];
  const parts = [shape("line", { class: "cursor", x1: at, x2: at, y1: TOP, y2: E.stack })];
  if (E.tool !== "select") {
    const half = Math.max(0.5, E.width / 2);
    const [a, b] = [t - half, t + half].map((v) => E.x(clamp(v, -0.5, E.data.n_points - 0.5)));
    parts.push(shape("rect", {
      class: "reach", x: a, y: panel.top, width: b - a, height: panel.height,
    }));
  }
  const y = clamp(panel.y(values[t]), panel.top, panel.top + panel.height);
  parts.push(shape("circle", { class: "knob", cx: at, cy: y, r: 5 }));
  return parts;
}

function selectionParts(E) {
  if (!E.selection) return [];
  const { a, b } = E.selection;
  const [x0, x1] = [E.x(a - 0.5), E.x(b - 0.5)];
  return E.panels.filter((p) => affected(E, p.r)).flatMap((panel) => {
    const { top, height } = panel;
    const edge = (x) => shape("line", { class: "edge", x1: x, x2: x, y1: top, y2: top + height });
    const band = shape("rect", { class: "band", x: x0, y: top, width: x1 - x0, height });
    const knobs = E.tool === "select" ? [
      handle((x0 + x1) / 2, top + 11, "M-3-2 0-5l3 3M-3 2 0 5l3-3M0-4v8", "scale"),
      handle((x0 + x1) / 2, top + height - 11, "M-2-3-5 0l3 3M2-3 5 0 2 3M-4 0h8", "warp"),
    ] : [];
    return [band, edge(x0), edge(x1), ...knobs];
  });
}

function handle(x, y, d, name) {
  return shape(
    "g", { class: `handle ${name}`, transform: `translate(${x.toFixed(1)} ${y})` },
    shape("circle", { r: 9 }), shape("path", { d }), shape("title", { text: `drag to ${name}` }),
  );
}
