// The board: drawn anew from what the kernel tells each second; what is folded is asked for alone.

const LOOK_MS = 1000;
const HIDDEN_LOOK_MS = 5000;
const STATES = {
  works: ["", "at work"], reads: ["\u2026", "about to begin"], waits: ["\u2022", "waits for you"],
  stuck: ["!", "seems stuck"], through: ["\u2713", "through"],
};

const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}

class Board {
  constructor(model, el) {
    this.state = model.get("state");
    this.link = new Link(model, { served: true, told: (gone) => this.lost(gone) });
    this.alert = h("p.hitl-alert", { role: "alert" });
    this.said = h("p.hitl-hidden", { role: "status" });
    this.head = h("header.hitl-board-head");
    this.rounds = h("ol.hitl-rounds", { "aria-label": "Rounds" });
    this.action = h("div.hitl-board-act");
    this.people = h("tbody");
    this.empty = h("p.hitl-note");
    this.table = h("table.hitl-people", {}, h("caption.hitl-hidden", {}, "Who is where"),
      h("thead", {}, h("tr", {}, ...["Who", "Round", "Items", "An item takes", "Last move"].map(
        (text) => h("th", { scope: "col" }, text)))), this.people);
    this.end = h("p.hitl-note");
    this.ways = h("div.hitl-ways");
    this.items = h("div.hitl-items");
    this.truth = h("input", { type: "checkbox", onchange: () => this.askItems() });
    this.root = h("section.hitl-desk.hitl-board", { "aria-label": "Board of the class" },
      this.alert, this.head, this.rounds, this.action, this.table, this.empty, this.end,
      this.fold("Ways back, for whoever has lost theirs", this.ways, () => this.askWays(),
        "Look before you show this on a wall: each lets somebody in as that trainee."),
      this.fold("Item by item: how many stepped in", this.items, () => this.askItems(),
        h("label.hitl-truth", {}, this.truth, " also show which were wrong (spoils the deck)")),
      this.said);
    el.append(this.root);
    this.draw();
    this.again();
  }

  fold(title, place, ask, ...above) {
    const details = h("details.hitl-fold", { ontoggle: () => details.open ? ask() : place.replaceChildren() },
      h("summary", {}, title), h("div.hitl-fold-in", {}, ...above.map((x) =>
        typeof x === "string" ? h("p.hitl-note", {}, x) : x), place));
    return details;
  }

  again() {
    this.timer = setTimeout(async () => {
      const reply = await this.link.ask("look", {}, {});
      this.took(reply);
      this.again();
    }, document.hidden ? HIDDEN_LOOK_MS : LOOK_MS);
  }

  took(reply) {
    this.alert.textContent = reply.ok ? "" : reply.error;
    if (!reply.state) return;
    const before = this.state;
    this.state = reply.state;
    this.draw();
    this.tell(before);
  }

  /** Say aloud what changed in the large; a table that changes each second is not read out. */
  tell(before) {
    const now = this.state;
    if (now.through > before.through && now.through === now.people.length)
      this.said.textContent = "Everybody is through.";
    else if (now.people.length > before.people.length)
      this.said.textContent = `${plural(now.people.length, "person", "people")} joined`;
  }

  lost(gone) {
    this.alert.textContent = gone
      ? "The connection to the class is gone. Answers that were given are saved; this page comes back by itself."
      : "";
  }

  draw() {
    const s = this.state;
    const host = location.host;
    keep(this.head, [s.code, host, s.people.length, s.through, s.answers], () => [
      h("div.hitl-come", {}, h("p.hitl-eyebrow", {}, "Come in at ", h("strong", {}, host), " with the code"),
        h("p.hitl-big-code", { "aria-label": `Class code ${[...s.code].join(" ")}` }, s.code)),
      h("dl.hitl-figures", {},
        figure(s.people.length, s.people.length === 1 ? "person" : "people"),
        figure(s.of ? percent(s.answers / s.of) : "0%", "of the answers given"),
        figure(s.through, "through")),
    ]);
    keep(this.rounds, [s.rounds, s.people.length], () => s.rounds.map((r) => this.round(r)));
    keep(this.action, [s.next, s.opened, this.opening], () => this.opener());
    keep(this.people, [s.people.map((p) => ({ ...p, idle_seconds: ago(p.idle_seconds) }))], () =>
      s.people.map((p) => this.person(p)));
    this.table.hidden = !s.people.length;
    this.empty.textContent = s.people.length ? ""
      : "Nobody has joined yet. Give people the address and the code above.";
    keep(this.end, [s.through === s.people.length && s.through > 0], () => {
      const all = s.through === s.people.length && s.through > 0;
      return [all ? "Everybody is through. Make the debrief in the terminal: "
        : "When you are done, make the debrief in the terminal: ", h("code", {}, s.debrief)];
    });
  }

  round(r) {
    const n = this.state.people.length || 1;
    const deck = this.state.decks > 1 ? ` (${r.deck})` : "";
    const told = !r.open ? "not open yet" : r.through === this.state.people.length && r.through
      ? "all through" : `${r.at} here, ${r.through} through`;
    return h(`li.hitl-round${r.open ? "" : ".hitl-shut"}`, {},
      h("strong", {}, `${r.title}${deck}`),
      h("span.hitl-stack", { "aria-hidden": "true" },
        h("i.hitl-past", { style: `width:${100 * r.through / n}%` }),
        h("i.hitl-here", { style: `width:${100 * r.at / n}%` })),
      h("span", {}, told));
  }

  opener() {
    const s = this.state;
    if (!s.together) return [];
    if (!s.next) return [h("p.hitl-note", {}, "All rounds are open.")];
    const ready = s.people.filter((p) => p.is === "waits" || p.is === "through").length;
    return [
      h("button.hitl-main.hitl-open-round", { type: "button", disabled: Boolean(this.opening),
        onclick: () => this.open() }, `Open the next round: ${s.next}`),
      h("p.hitl-note", {}, `${ready} of ${plural(s.people.length, "person", "people")} wait for it.`),
    ];
  }

  async open() {
    if (this.opening) return;
    this.opening = true;
    this.draw();
    const reply = await this.link.ask("open_round", { opened: this.state.opened });
    this.opening = false;
    this.said.textContent = reply.ok ? "The round is open." : "";
    this.took(reply);
  }

  person(p) {
    const several = this.state.decks > 1;
    const [mark, is] = STATES[p.is];
    const words = p.is === "through" && several ? `${is} deck ${p.deck}` : is;
    const share = p.of ? 100 * p.done / p.of : 0;
    return h(`tr.hitl-is-${p.is}`, {},
      h("th", { scope: "row" }, p.name),
      h("td.hitl-where", {}, p.is === "through" ? "" : `${p.round}${several ? ` (${p.deck})` : ""} `,
        h("span.hitl-mark", {}, mark ? h("b", { "aria-hidden": "true" }, mark) : null, words)),
      h("td.hitl-done", {}, p.is === "through" ? "all"
        : h("span", {}, `${p.done} of ${p.of}`),
        p.is === "through" ? null
          : h("span.hitl-track", { "aria-hidden": "true" }, h("i", { style: `width:${share}%` }))),
      h("td", { "data-of": "An item takes" }, p.pace_seconds == null ? "\u2013" : `${p.pace_seconds.toFixed(0)} s`),
      h("td", { "data-of": "Last move" }, ago(p.idle_seconds)));
  }

  async askWays() {
    const reply = await this.link.ask("ways_back");
    const all = Object.entries(reply.ways_back ?? {});
    this.ways.replaceChildren(...(all.length
      ? [h("ul", {}, ...all.map(([, way]) => h("li", {}, h("code", {}, way))))]
      : [h("p.hitl-note", {}, reply.error ?? "Nobody has joined yet.")]));
  }

  async askItems() {
    const reply = await this.link.ask("items", { truth: this.truth.checked });
    const all = reply.items ?? [];
    this.items.replaceChildren(h("table", {},
      h("thead", {}, h("tr", {}, ...["Round", "Item", "Stepped in", ...(this.truth.checked ? ["What is wrong"] : [])]
        .map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, ...all.map((i) => h("tr", {},
        h("td", {}, `${i.round}${this.state.decks > 1 ? ` (${i.deck})` : ""}`),
        h("td", {}, i.title),
        h("td.hitl-shares", {}, i.answered ? `${i.stepped_in} of ${i.answered}` : "\u2013",
          h("span.hitl-track", { "aria-hidden": "true" },
            h("i", { style: `width:${i.answered ? 100 * i.stepped_in / i.answered : 0}%` }))),
        this.truth.checked ? h("td", {}, i.right ? "right" : i.told) : null)))));
  }

  close() {
    clearTimeout(this.timer);
    this.link.close();
  }
}

const figure = (value, words) => h("div", {}, h("dt", {}, words), h("dd", {}, String(value)));

/** Draw again only what has changed, so that focus and selection stay. */
function keep(place, on, make) {
  const key = JSON.stringify(on);
  if (place.drawnFor === key) return;
  place.drawnFor = key;
  place.replaceChildren(...make());
}

export default {
  render({ model, el }) {
    const board = new Board(model, el);
    return () => board.close();
  },
};
