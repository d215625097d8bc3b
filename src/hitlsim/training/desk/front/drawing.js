// What each stage looks like. A drawing returns an element; `desk` says what its buttons do.

const KINDS = { email: "The message", record: "The change to the record" };
const SIDE = [
  ["account", "Who it is about"],
  ["context", "What the AI knew"],
  ["history", "What went before"],
  ["signals", "Signals"],
];
const KEYS = [
  [["L"], "leave alone"], [["O", "Enter"], "open"], [["A"], "approve"], [["E"], "edit"],
  [["R"], "reject"], [["1\u20135"], "how likely it is right"],
  [["Enter"], "send the reason"], [["Shift+Enter"], "new line in it"], [["Esc"], "back"],
  [["?"], "this help"],
];

const heading = (text, before = "") =>
  h("h3.hitl-title", { tabindex: "-1" }, before && hidden(before), text);

function keyed(name, words, key, does, more = {}) {
  return h(`button.${name}`, {
    type: "button", "aria-keyshortcuts": key === "Enter" ? "Enter" : key.toLowerCase(),
    onclick: does, ...more,
  }, h("span", {}, words), key && h("kbd", { "aria-hidden": "true" }, key));
}

function drawHead(state, desk) {
  if (state.stage === "join") return h("header.hitl-head", {}, h("strong", {}, "Practise reviewing"));
  const { rounds, done, of } = state.progress;
  const steps = rounds.map((round, i) => {
    const full = round.done >= round.of;
    const said = full ? ", done" : round.now ? `, ${round.done} of ${round.of} done` : ", to come";
    const fill = h("i", { "aria-hidden": "true" });
    fill.style.width = percent(round.of ? round.done / round.of : 0);
    return h(`li.hitl-step${round.now ? ".hitl-now" : ""}${full ? ".hitl-full" : ""}`,
      { "aria-current": round.now ? "step" : null },
      h("span", {}, hidden(`Round ${i + 1}: `), round.title, hidden(said)),
      h("span.hitl-track", { "aria-hidden": "true" }, fill));
  });
  const asked = ["item", "told"].includes(state.stage);
  const count = asked && h("span.hitl-count", {},
    `${state.stage === "item" ? done + 1 : done} of ${of}`);
  return h("header.hitl-head", {},
    h("ol.hitl-steps", { "aria-label": "Rounds" }, ...steps),
    h("div.hitl-tools", {}, count, asked && desk.clock(),
      h("span.hitl-who", {}, hidden("You are "), state.trainee),
      h("button.hitl-help", { type: "button", "aria-label": "Help: keys", "aria-keyshortcuts": "?",
        onclick: () => desk.help() }, "?")));
}

function drawHelp(desk) {
  const rows = KEYS.map(([keys, what]) => h("div", {},
    h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, what)));
  return h("section.hitl-keys", { "aria-label": "Keys" },
    h("dl", {}, ...rows),
    h("button.hitl-plain", { type: "button", onclick: () => desk.help(false) }, "Close"));
}

function drawJoin(state, desk) {
  const code = h("input.hitl-code", { id: desk.id("code"), autocomplete: "off", maxlength: "20",
    spellcheck: "false", required: true });
  code.value = desk.codeGiven();
  const name = h("input.hitl-pseudonym", { id: desk.id("name"), autocomplete: "off",
    maxlength: "24", spellcheck: "false", "aria-describedby": desk.id("why") });
  const back = h("input.hitl-way-back", { id: desk.id("back"), autocomplete: "off",
    maxlength: "40", spellcheck: "false" });
  const form = (does, ...rows) => h("form.hitl-form", { novalidate: true, onsubmit: (e) => {
    e.preventDefault();
    does();
  } }, ...rows);
  return h("section.hitl-card.hitl-briefing", {},
    heading("Join your class"),
    form(() => desk.join(code.value, name.value),
      h("label", { for: code.id }, "The code your facilitator shows"), code,
      h("label", { for: name.id }, "A pseudonym, if you like"), name,
      h("p.hitl-note", { id: desk.id("why") },
        "Not your own name. Left empty, you are given a bird. Your answers carry nothing else."),
      h("button.hitl-main.hitl-join", { type: "submit" }, "Join")),
    h("details.hitl-details", {}, h("summary", {}, "I was here before"),
      form(() => desk.back(back.value),
        h("label", { for: back.id }, "Your way back, such as wren-k7m2"), back,
        h("button.hitl-plain.hitl-return", { type: "submit" }, "Go on where I was"))));
}

function drawBriefing(state, desk) {
  const b = state.briefing;
  const list = (title, items) => h("div", {}, h("h4", {}, title),
    h("ul", {}, ...items.map((item) => h("li", {}, item))));
  return h("section.hitl-card.hitl-briefing", {},
    h("p.hitl-eyebrow", {}, `Round ${b.number} of ${b.of_rounds}`),
    heading(b.title), h("p.hitl-lead", {}, b.lead),
    h("div.hitl-two", {}, list("You see", b.sees), list("You can", b.does)),
    h("p.hitl-note", {},
      `${b.items} items, about ${b.minutes} minute${b.minutes === 1 ? "" : "s"}. Each answer is `
      + "saved at once; you can leave and come back. "
      + (b.asks_sure ? "Each time you read one you also say how likely it is right. " : "")
      + (b.tells ? "If something was wrong, you are told as soon as you have answered."
                 : "What was right is told at the end.")),
    state.served && state.way_back && h("p.hitl-note", {}, "Your way back, should you need it: ",
      h("strong.hitl-way-back-told", {}, state.way_back), " (note it down)."),
    h("div.hitl-row", {},
      state.waits
        ? h("p.hitl-waits", { role: "status" }, "Your facilitator opens this round.")
        : keyed("hitl-main.hitl-begin", "Begin", "Enter", () => desk.do("begin")),
      state.served && state.progress.done_in_all === 0 && h("button.hitl-plain.hitl-leave-seat",
        { type: "button", onclick: () => desk.leaveSeat() }, `I am not ${state.trainee}`)));
}

function drawItem(state, desk) {
  const item = state.item;
  const { done, of } = state.progress;
  const why = item.asked.map(whyAsked).join("; ");
  const chips = h("ul.hitl-chips", { "aria-label": "About this item" },
    h("li", {}, item.workflow),
    item.confidence != null && drawConfidence(item.confidence),
    item.standing && h(`li.hitl-standing${item.asks ? ".hitl-asked" : ""}`, {},
      why ? `${item.standing}: ${why}` : item.standing));
  const card = h("section.hitl-card", {}, chips, heading(item.title, `Item ${done + 1} of ${of}: `),
    item.opened ? drawLines(item) : h("p.hitl-closed", {},
      item.asks ? "Closed. Open it to see what the AI proposes, and what it knew."
                : "Closed. It goes out by itself; you may open it."));
  return h("div.hitl-item", { "data-item": item.item_id, "data-opened": String(item.opened) },
    card, item.opened && drawSide(item), drawActs(state, desk));
}

/** "Trigger: large deal" and the like without the words of a boundary spec. */
function whyAsked(line) {
  const [label, value] = parted(line);
  return label === "Gate" && value !== "a person decides" ? `a person decides (${value})` : value;
}

function drawConfidence(confidence) {
  const fill = h("i");
  fill.style.width = percent(confidence);
  const sure = confidence < 1 && Math.round(100 * confidence) === 100 ? "over 99%" : percent(confidence);
  return h("li", {}, `the AI is ${sure} sure`,
    h("span.hitl-bar", { "aria-hidden": "true" }, fill));
}

function drawLines(item) {
  const body = item.kind === "record"
    ? h("dl.hitl-diff", {}, ...item.lines.flatMap((line) => drawChange(line)))
    : h("div.hitl-letter", {}, ...item.lines.map((line) => drawLine(line)));
  return h("div.hitl-lines", { role: "group", "aria-label": KINDS[item.kind] ?? "The proposal" },
    h("p.hitl-eyebrow", { "aria-hidden": "true" }, KINDS[item.kind] ?? "The proposal"), body);
}

/** A line of a message; its subject stands out, and so does what was mended. */
function drawLine(line, marked = "span") {
  const text = line.startsWith("Subject: ") ? line.slice(9) : line;
  const subject = text !== line && hidden("Subject: ");
  return h(`p${subject ? ".hitl-subject" : ""}`, {}, subject, h(marked, {}, text));
}

/** "field: old -> new", the old struck through and the new marked, in words too. */
function drawChange(line, marked = "ins") {
  const [field, value] = parted(line);
  const at = value.indexOf(" -> ");
  const told = at < 0 ? [marked === "ins" ? value : h(marked, {}, value)] : [
    h("del", {}, hidden("was "), value.slice(0, at)),
    h("span", { "aria-hidden": "true" }, " \u2192 "),
    h(marked, {}, hidden(", becomes "), value.slice(at + 4))];
  return [h("dt", {}, field), h("dd", {}, ...told)];
}

function drawSide(item) {
  const parts = SIDE.filter(([name]) => item[name]?.length).map(([name, title]) =>
    h("section", {}, h("h4", {}, title), h("dl.hitl-facts", {}, ...item[name].flatMap((line) => {
      const [label, value] = parted(line);
      return label ? [h("dt", {}, label), h("dd", {}, value)] : [h("dd.hitl-whole", {}, value)];
    }))));
  return parts.length ? h("aside.hitl-side", { "aria-label": "What is known" }, ...parts) : null;
}

const ACT_CLASS = { "leave alone": "leave", approve: "approve", edit: "edit", reject: "reject" };

function drawActs(state, desk) {
  const acts = state.acts.map(({ act, words, key }) =>
    keyed(`hitl-act.hitl-act-${ACT_CLASS[act]}`, words, key, () => desk.act(act)));
  const open = state.can_open
    && keyed("hitl-act.hitl-act-open", "Open", "O", () => desk.open());
  return h("div.hitl-foot", {}, state.ask_sure.length > 0 && drawSure(state, desk),
    h("div.hitl-acts", { role: "group", "aria-label": "What do you do with it?" }, open, ...acts),
    h("div.hitl-reason-place"));
}

function drawSure(state, desk) {
  const name = desk.id("sure");
  const steps = state.ask_sure.map(({ sure, words }, i) => {
    const input = h("input", { type: "radio", name, value: String(sure), id: `${name}-${i}`,
      "aria-keyshortcuts": String(i + 1), onchange: () => desk.sure(sure) });
    input.checked = desk.sureGiven() === sure;
    return h("label", { for: input.id }, input, h("span", {}, h("kbd", { "aria-hidden": "true" },
      String(i + 1)), words));
  });
  return h("fieldset.hitl-sure", {}, h("legend", {}, "How likely is it right?"), ...steps);
}

function drawReason(act, desk) {
  const needed = act === "reject";
  const text = h("textarea.hitl-reason", { id: desk.id("reason"), rows: "2", maxlength: "300",
    "aria-required": String(needed) });
  const send = () => {
    if (needed && !text.value.trim()) {
      text.setAttribute("aria-invalid", "true");
      desk.say("Rejecting needs a reason: say in a few words what is wrong.", { wrong: true });
      text.focus();
      return;
    }
    desk.answer(act, text.value);
  };
  text.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      if (!e.repeat) send();
    } else if (e.key === "Escape") {
      e.preventDefault();
      desk.unreason();
    }
    e.stopPropagation();
  });
  return h("form.hitl-form", { onsubmit: (e) => {
    e.preventDefault();
    send();
  } },
    h("label", { for: text.id }, needed ? "What is wrong with it?" : "What would you change? (if you like)"),
    text, h("div.hitl-row", {},
      h("button.hitl-main.hitl-send", { type: "submit" }, needed ? "Reject it" : "Send the edit"),
      h("button.hitl-plain", { type: "button", onclick: () => desk.unreason() }, "Back")));
}

function drawTold(state, desk) {
  const t = state.told;
  const record = t.kind === "record";
  const lines = (title, given, other, marked) => {
    const mark = (line) => other.length && !other.includes(line) ? marked : "span";
    return h("div", {}, h("h4", {}, title), record
      ? h("dl.hitl-diff", {}, ...given.flatMap((line) => drawChange(line, mark(line))))
      : h("div.hitl-letter", {}, ...given.map((line) => drawLine(line, mark(line)))));
  };
  return h("section.hitl-card.hitl-told", { "data-item": t.item_id },
    h("p.hitl-eyebrow", {}, t.title), heading(t.stopped ? "Well seen: there was a mistake in it" : "There was a mistake in it"),
    h("p.hitl-lead", {}, `What is wrong: ${t.told}`),
    h("div.hitl-two", {}, lines("As it was", t.lines, t.mended, "ins.hitl-bad"),
      t.mended.length > 0 && lines("As it should have been", t.mended, t.lines, "ins")),
    h("div.hitl-row", {}, keyed("hitl-main.hitl-next", "Next", "Enter", () => desk.do("next"))));
}

function drawDone(state, desk) {
  const there = Boolean(state.feedback);
  const page = h("div.hitl-feedback", { "aria-busy": String(!there) });
  if (there) page.innerHTML = state.feedback; // the only HTML here, made and escaped by hitlsim
  else page.append(h("p", { role: "status" }, state.feedback_failed
    ? `Your answers are saved, but the feedback could not be made: ${state.feedback_failed}`
    : "Your feedback is being made; it comes by itself."));
  return h("section.hitl-card.hitl-done", {},
    heading("You are through"), page,
    state.second && h("div.hitl-row", {},
      h("p.hitl-note", {}, "A second deck, with other items, shows whether anything has changed: best in a week or two."),
      keyed("hitl-main.hitl-second", "Play the second deck", "", () => desk.do("second"))));
}
