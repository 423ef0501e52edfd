// The answer: class and probability before and after, and every class as a bar.

const MAX_BARS = 6;

function readout(E) {
  E.headline = el("div", { class: "headline" });
  E.told = el("p", { class: "told", hidden: "" });
  E.bars = el("ul", { class: "bars" });
  E.moreBars = el("ul", { class: "bars" });
  E.moreTitle = el("summary");
  E.more = el("details", {}, E.moreTitle, E.moreBars);
  E.live = el("div", { class: "unseen", "aria-live": "polite" });
  return el(
    "section", { class: "readout", "aria-label": "What the model says" },
    E.headline, E.told, E.bars, E.more, E.live,
  );
}

function chip(text, colour, name) {
  const dot = el("i", { class: "dot" });
  dot.style.background = colour;
  return el("span", { class: "chip", "data-name": name }, dot, el("span", { text }));
}

function bar(one, marked) {
  const fill = el("i", { class: "fill" });
  fill.style.width = `${100 * one.after}%`;
  fill.style.background = one.colour;
  const mark = el("i", { class: "mark", title: `before: ${one.before_text}` });
  mark.style.left = `${100 * one.before}%`;
  const same = one.before_text === one.after_text;
  const text = same ? one.after_text : `${one.before_text} → ${one.after_text}`;
  return el(
    "li", { class: marked ? "now" : "" },
    el("span", { class: "name", text: one.name, title: one.name }),
    el("span", { class: "track" }, fill, mark),
    el("span", { class: "figures", text }),
  );
}

function paintReadout(E) {
  const { answer, classes, extent } = E.data;
  const colour = (k) => classes[k].colour;
  E.headline.replaceChildren(
    chip(answer.before, colour(answer.before_class), "before"),
    el("span", { class: "arrow", text: "→", "aria-label": "after the edit" }),
    chip(answer.after, colour(answer.after_class), "after"),
    el("span", { class: answer.flipped ? "verdict flipped" : "verdict", text: answer.verdict }),
    el("span", { class: "extent", text: extent }),
  );
  E.told.textContent = E.data.told ?? "";
  E.told.hidden = !E.data.told;
  const rank = classes.map((_, k) => k);
  if (classes.length > MAX_BARS) {
    const weight = (k) => Math.max(classes[k].before, classes[k].after);
    rank.sort((a, b) => weight(b) - weight(a));
  }
  const bars = rank.map((k) => bar(classes[k], k === answer.after_class));
  E.bars.replaceChildren(...bars.slice(0, MAX_BARS));
  E.moreBars.replaceChildren(...bars.slice(MAX_BARS));
  E.moreTitle.textContent = `${bars.length - MAX_BARS} more classes`;
  E.more.hidden = bars.length <= MAX_BARS;
  const said = `${answer.after}, before ${answer.before}`;
  if (E.live.textContent !== said) E.live.textContent = said;
}
