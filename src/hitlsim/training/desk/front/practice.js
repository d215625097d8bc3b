// The desk: draws the state, takes keys and clicks, keeps the time that the text is in sight.

const SETTLE_MS = 250; // the second half of a double click must not answer the next item
const DRAW = { join: drawJoin, briefing: drawBriefing, item: drawItem, told: drawTold, done: drawDone };
const ACT_OF_KEY = { l: "leave alone", a: "approve", e: "edit", r: "reject" };
const GONE = {
  true: "Not saved yet: the connection is gone. Keep this page open; it is sent again by itself.",
  false: "Not saved yet: the kernel does not answer. Keep this page open; it is sent again by "
    + "itself. If the kernel was restarted, run the cell again: it goes on where you were.",
};

let desks = 0;

class Desk {
  constructor(model, el) {
    this.model = model;
    this.number = ++desks;
    this.busy = false;
    this.drawn = "";
    this.seen = { sum: 0, since: null };
    this.chosen = null;
    this.clockAt = { seconds: 0, since: performance.now(), runs: false };
    this.state = model.get("state");
    this.link = new Link(model, {
      served: this.state.served,
      told: (gone) => this.gone(gone),
      keep: (answer) => kept.set("unsent", { ...answer, trainee: this.state.trainee }),
    });
    this.build(el);
    this.listen();
    this.draw(this.state, { own: false });
    if (this.state.stage === "join") this.comeBack();
  }

  id(name) {
    return `hitl-${this.number}-${name}`;
  }

  build(el) {
    const still = this.model.get("still");
    this.head = h("div");
    this.alert = h("div.hitl-alert", { role: "alert" });
    this.status = h("div.hitl-status", { role: "status" });
    this.place = h("div.hitl-stage");
    this.root = h("div.hitl-desk", { role: "region", "aria-label": "Practise reviewing",
      tabindex: "-1" }, // a click on the text leaves the keys to the desk
      this.head, this.place, this.alert, this.status);
    el.append(this.root);
    if (still) {
      const style = h("style");
      style.textContent = `.${CSS.escape(still)} { display: none; }`;
      this.root.append(style);
    }
  }

  listen() {
    this.changed = () => this.draw(this.model.get("state"), { own: false });
    this.model.on("change:state", this.changed);
    // on a page of its own the keys work wherever one last clicked
    this.keys = (e) => (this.root.contains(e.target) || e.target === document.body) && this.key(e);
    this.keysOf = this.state.served ? document : this.root;
    this.keysOf.addEventListener("keydown", this.keys);
    // JupyterLab's own letters ("a" adds a cell) rest while one works here; Ctrl+S and such do not
    this.rests = (e) => this.root.toggleAttribute("data-lm-suppress-shortcuts",
      this.root.contains(e.target) && !(e.ctrlKey || e.metaKey || e.altKey));
    window.addEventListener("keydown", this.rests, true);
    this.looked = () => this.look();
    document.addEventListener("visibilitychange", this.looked);
    this.tick = setInterval(() => this.ticked(), 1000);
  }

  close() {
    this.model.off("change:state", this.changed);
    document.removeEventListener("visibilitychange", this.looked);
    window.removeEventListener("keydown", this.rests, true);
    this.keysOf.removeEventListener("keydown", this.keys);
    clearInterval(this.tick);
    clearTimeout(this.later);
    this.link.close();
    this.root.remove();
  }

  // --- asking ---------------------------------------------------------------------------------

  /** Ask for something; while it is on its way nothing else can be pressed. */
  async do(what, more = {}) {
    if (this.busy) return null;
    this.busy = true;
    this.root.classList.add("hitl-busy");
    this.place.querySelectorAll("button").forEach((button) => (button.disabled = true));
    this.say("");
    const reply = await this.link.ask(what, more);
    this.busy = false;
    this.root.classList.remove("hitl-busy");
    this.place.querySelectorAll("button").forEach((button) => (button.disabled = false));
    this.took(reply);
    return reply;
  }

  took(reply, { own = true } = {}) {
    this.draw(reply.state, { own });
    if (!reply.ok) this.say(reply.error, { wrong: true });
    else if (reply.note) this.say(reply.note);
    if (document.hidden) this.look();
  }

  async quietly(what, more = {}) {
    const reply = await this.link.ask(what, more, { quiet: true });
    if (!this.busy) this.draw(reply.state, { own: false });
    return reply;
  }

  open() {
    return this.do("open", { item_id: this.state.item.item_id });
  }

  act(act) {
    if (this.busy) return;
    if (this.state.ask_sure.length && this.chosen == null) {
      this.say("Say first how likely it is right: 1 to 5.", { wrong: true });
      this.place.querySelector(".hitl-sure input")?.focus();
    } else if (act === "edit" || act === "reject") this.reason(act);
    else this.answer(act);
  }

  answer(act, reason = "") {
    const item_id = this.state.item.item_id;
    return this.do("answer", { item_id, act, reason, sure: this.chosen, seen_seconds: this.saw() });
  }

  reason(act) {
    this.place.querySelector(".hitl-reason-place").replaceChildren(drawReason(act, this));
    this.place.querySelector(".hitl-reason").focus();
  }

  unreason() {
    this.place.querySelector(".hitl-reason-place").replaceChildren();
    this.say("");
    this.focus();
  }

  /** A key whose button is not there: an item that was opened can't be left alone any more. */
  notHere(act) {
    const { acts, can_open } = this.state;
    const may = [...acts.map((a) => a.words.toLowerCase()), ...(can_open ? ["open"] : [])];
    const last = may.pop();
    const all = may.length ? `${may.join(", ")} or ${last}` : last;
    this.say(`${this.state.item.opened && act === "leave alone" ? "It is open now, and asks for an "
      + `answer: ${all}` : `Here you can ${all}`}.`);
  }

  sure(chance) {
    this.chosen = chance;
    this.say("");
  }

  sureGiven() {
    return this.chosen;
  }

  // --- a seat in a class ----------------------------------------------------------------------

  codeGiven() {
    return new URLSearchParams(location.search).get("code") ?? "";
  }

  async join(code, pseudonym) {
    const reply = await this.do("join", { code, pseudonym });
    if (reply?.ok) this.remember();
  }

  async back(way_back) {
    const reply = await this.do("back", { way_back });
    if (reply?.ok) this.remember();
  }

  remember() {
    const { code, way_back } = this.state;
    if (this.state.served) kept.set("seat", { code, way_back });
  }

  leaveSeat() {
    kept.set("seat", null);
    location.reload();
  }

  /** Whoever was here before, in this browser, goes on by themselves. */
  async comeBack() {
    const seat = kept.get("seat");
    const given = this.codeGiven().toUpperCase();
    if (!this.state.served || !seat?.way_back || (given && given !== seat.code)) return;
    const reply = await this.do("back", { way_back: seat.way_back });
    if (!reply?.ok) {
      if (/nobody's way back/.test(reply?.error ?? "")) kept.set("seat", null);
      return;
    }
    this.remember();
    const unsent = kept.get("unsent");
    kept.set("unsent", null);
    const mine = unsent?.trainee === this.state.trainee;
    if (mine && unsent.item_id === this.state.item?.item_id) {
      const { item_id, act, reason, sure } = unsent;
      const sent = await this.do("answer", { item_id, act, reason, sure, seen_seconds: null });
      if (sent?.ok) this.say("Your last answer is saved now.");
    } else this.say(`Welcome back, ${this.state.trainee}.`);
  }

  // --- drawing --------------------------------------------------------------------------------

  draw(state, { own }) {
    this.state = state;
    const as = JSON.stringify([state.stage, state.deck, state.briefing, state.item, state.told?.item_id,
      state.waits, state.feedback, state.feedback_failed]);
    this.timed(state);
    this.head.replaceChildren(drawHead(state, this));
    this.ticked();
    if (as !== this.drawn) {
      const before = this.itemDrawn;
      this.itemDrawn = state.item?.item_id;
      if (before !== this.itemDrawn) this.chosen = null;
      this.drawn = as;
      const node = DRAW[state.stage](state, this);
      this.place.replaceChildren(node);
      node.classList.add("hitl-new");
      this.settle();
      if (own) this.focus();
    }
    this.follow(state);
  }

  settle() {
    this.place.classList.add("hitl-settling");
    setTimeout(() => this.place.classList.remove("hitl-settling"), SETTLE_MS);
  }

  /** What has to be asked for again by itself. */
  follow(state) {
    clearTimeout(this.later);
    const more = state.stage === "done" && !state.feedback_whole && !state.feedback_failed;
    const waits = state.waits || more;
    const ask = state.stage === "item" && !state.timed && !document.hidden ? "show" : waits ? "poll" : "";
    if (!ask) return;
    this.later = setTimeout(() => (this.busy ? this.follow(state) : this.quietly(ask)),
      more && state.feedback ? 5000 : 1500);
  }

  focus() {
    this.place.querySelector(".hitl-title")?.focus();
  }

  say(text, { wrong = false } = {}) {
    this.alert.textContent = wrong ? text : "";
    this.status.textContent = wrong ? "" : text;
    if (text) (wrong ? this.alert : this.status).scrollIntoView?.({ block: "nearest" });
  }

  gone(gone) {
    this.root.classList.toggle("hitl-gone", gone);
    if (gone) this.say(GONE[Boolean(this.state.served)], { wrong: true });
    else this.say("The connection is back; it is saved.");
  }

  help(show = !this.root.querySelector(".hitl-keys")) {
    this.root.querySelector(".hitl-keys")?.remove();
    if (!show) return this.focus();
    this.place.before(drawHelp(this));
    this.root.querySelector(".hitl-keys button").focus();
  }

  // --- time -----------------------------------------------------------------------------------

  /** The clock of the round, and how long the text of the item has been in sight. */
  timed(state) {
    const runs = state.stage === "item" && state.timed;
    this.clockAt = { seconds: state.clock_seconds ?? 0, since: performance.now(), runs };
    const sees = runs && state.item.opened ? state.item.item_id : "";
    if (sees !== this.sees) this.seen = { sum: 0, since: sees ? performance.now() : null };
    this.sees = sees;
  }

  saw() {
    const { sum, since } = this.seen;
    return Math.round(sum + (since == null ? 0 : performance.now() - since)) / 1000;
  }

  look() {
    if (this.state.stage !== "item" || this.busy) return;
    if (document.hidden) this.quietly("pause", { seen_seconds: this.saw() });
    else this.quietly("show");
  }

  clock() {
    const show = kept.get("clock") !== false;
    this.clockText = show ? h("span", { role: "timer" }) : null;
    return h("button.hitl-clock", { type: "button", "aria-pressed": String(show),
      "aria-label": show ? "Hide the clock" : "Show the clock", onclick: () => {
        kept.set("clock", !show);
        this.head.replaceChildren(drawHead(this.state, this));
        this.ticked();
        this.head.querySelector(".hitl-clock")?.focus();
      } }, this.clockText ?? "clock");
  }

  ticked() {
    const { seconds, since, runs } = this.clockAt;
    const now = seconds + (runs && !document.hidden ? (performance.now() - since) / 1000 : 0);
    if (this.clockText) this.clockText.textContent = clockText(now);
  }

  // --- keys -----------------------------------------------------------------------------------

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches("input:not([type=radio]), textarea, select")) return;
    const pressed = this.meant(e);
    if (!pressed) return;
    e.preventDefault();
    e.stopPropagation();
    if (!e.repeat && !this.busy) pressed();
  }

  /** What a key does here; null where it is the page's. */
  meant(e) {
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (key === "?") return () => this.help();
    if (key === "Escape" && this.root.querySelector(".hitl-keys")) return () => this.help(false);
    const press = (name) => {
      const button = this.place.querySelector(name);
      return button ? () => button.click() : null;
    };
    if (key === "Enter") {
      if (e.target.closest("button, summary, a, input")) return null;
      return press(".hitl-begin, .hitl-next, .hitl-act-open");
    }
    if (this.state.stage !== "item") return null;
    if (key === "o") return press(".hitl-act-open");
    if (/^[1-5]$/.test(key)) {
      const step = this.place.querySelectorAll(".hitl-sure input")[Number(key) - 1];
      return step ? () => step.click() : null;
    }
    const act = ACT_OF_KEY[key];
    return act ? press(`.hitl-act-${ACT_CLASS[act]}`) ?? (() => this.notHere(act)) : null;
  }
}

export default {
  render({ model, el }) {
    const desk = new Desk(model, el);
    return () => desk.close();
  },
};
