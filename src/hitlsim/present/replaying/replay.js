"use strict";
// Draws what Python worked out. The screen depends on the instant alone, so that time can run, jump
// and go back alike; `marks` remembers where dots were only to let them glide.
(() => {
  const log = JSON.parse(document.getElementById("log").textContent);
  const $ = (css) => document.querySelector(css);
  const MINUTE = 60, HOUR = 3600, DAY = 86400;
  const SPEEDS = { "10 min/s": 600, "30 min/s": 1800, "1 h/s": HOUR, "4 h/s": 4 * HOUR,
    "1 day/s": DAY };
  const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const AGES = ["young", "ageing", "old"];
  const GROUPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 1e4, 1e5, 1e6];
  const QUIET = 30 * MINUTE, FAST = 12, HELD_SECONDS = 0.35, STREAM_SECONDS = 6, WORDS_MS = 180;
  const CELL = 13, TOP = 18, END = log.days[log.days.length - 1];
  const motion = matchMedia("(prefers-reduced-motion: reduce)");

  // --- the log -------------------------------------------------------------------------------
  function upTo(sorted, t, of = (x) => x) { // how many are at t or before
    let low = 0, high = sorted.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (of(sorted[mid]) <= t) low = mid + 1; else high = mid;
    }
    return low;
  }
  const summed = (deltas) => { let sum = 0; return deltas.map((d) => (sum += d)); };
  function visits(packed, look) {
    const all = summed(packed.at).map((at, id) => {
      const began = packed.wait[id] < 0 ? Infinity : at + packed.wait[id];
      const ended = packed.take[id] < 0 ? Infinity : began + packed.take[id];
      return { id, at, began, ended, look, late: Infinity, to: -1, hand: false,
        flow: packed.workflow[id], person: packed.person[id], pool: packed.pool[id],
        verdict: look ? -1 : packed.verdict[id] };
    });
    for (const [id, by, to] of packed.late) Object.assign(all[id], { late: all[id].at + by, to });
    for (const id of packed.hand) all[id].hand = true;
    return all;
  }
  // waiting in one pool by age: [time, young, ageing, old], as it changes
  function steps(pool) {
    const changes = [];
    const stood = (v, from, until) => AGES.forEach((_, age) => {
      const begins = Math.max(from, v.at + age * DAY);
      const ends = Math.min(until, age < 2 ? v.at + (age + 1) * DAY : Infinity);
      if (begins < ends) changes.push([begins, age, 1], [ends, age, -1]);
    });
    for (const v of work) {
      if (v.pool === pool) stood(v, v.at, Math.min(v.late, v.began));
      if (v.to === pool) stood(v, v.late, v.began);
    }
    const out = [[-Infinity, 0, 0, 0]];
    for (const [t, age, change] of changes.sort((a, b) => a[0] - b[0])) {
      let last = out[out.length - 1];
      if (last[0] !== t) out.push((last = [t, ...last.slice(1)]));
      last[1 + age] += change;
    }
    return out;
  }
  const work = visits(log.work, false), looks = visits(log.looks, true);
  const streams = log.out.map(([name, deltas]) => ({ name, at: summed(deltas) }));
  const people = log.people.map(([name, pool]) => ({ name, pool, jobs: [] }));
  for (const v of [...work, ...looks]) if (v.person >= 0) people[v.person].jobs.push(v);
  for (const p of people) p.jobs.sort((a, b) => a.began - b.began);
  const pools = log.pools.map((name, i) => ({ name, steps: steps(i), each: 1 }));
  const all = ([from, ...n]) => (from < END ? n[0] + n[1] + n[2] : 0);
  for (const p of pools) p.most = p.steps.reduce((most, step) => Math.max(most, all(step)), 0);
  const moments = [...[...work, ...looks].flatMap((v) => [v.at, v.late, v.began, v.ended]),
    ...streams.flatMap((s) => s.at)].filter((t) => t >= 0 && t < END).sort((a, b) => a - b);
  const START = Math.max(0, (moments[0] || 0) - 10 * MINUTE);

  // --- the clock of the log ------------------------------------------------------------------
  function wall(t) {
    const [, ahead] = log.shifts.findLast(([from]) => from <= t) || [0, 0];
    return new Date((log.wall + t + ahead) * 1000);
  }
  const midnight = (t) => log.days[Math.max(0, upTo(log.days, Math.min(t, END - 1)) - 1)];
  const two = (n) => String(n).padStart(2, "0");
  const dayOf = (t) => {
    const d = wall(Math.min(t, END - 1));
    return `${DAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`;
  };
  const hourOf = (t) => `${two(wall(t).getUTCHours())}:${two(wall(t).getUTCMinutes())}`;
  const timeOf = (t) => `${dayOf(t)} ${t < END ? hourOf(t) : "24:00"}`;
  function lasting(s) {
    const m = Math.floor(s / MINUTE), h = Math.floor(m / 60);
    const both = (a, b, unit) => (b ? `${a} ${b} ${unit}` : a);
    if (m < 60) return `${m} min`;
    return h < 48 ? both(`${h} h`, m % 60, "min") : both(`${Math.floor(h / 24)} days`, h % 24, "h");
  }
  const counted = (n) => n.toLocaleString("en");
  const shift = (() => { // the hours of the day in which anybody works
    let from = 8 * HOUR, until = 18 * HOUR;
    for (const { began, ended } of people.flatMap((p) => p.jobs)) {
      if (began < 0 || began >= END) continue;
      from = Math.min(from, began - midnight(began));
      until = Math.max(until, Math.min(ended, END) - midnight(began));
    }
    return [Math.floor(from / HOUR) * HOUR, Math.min(DAY, Math.ceil(until / HOUR) * HOUR)];
  })();

  // --- the page ------------------------------------------------------------------------------
  function add(parent, tag, css = "", text = "") {
    const made = parent.appendChild(document.createElement(tag));
    if (css) made.className = css;
    if (text) made.textContent = text;
    return made;
  }
  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  function headLanes() {
    const heads = add($("#lanes"), "div", "lane heads"), hours = shift.map((s) => two(s / HOUR));
    heads.setAttribute("aria-hidden", "true");
    for (const text of ["", "oldest in front"]) add(heads, "span", "", text);
    const person = add(heads, "div", "person");
    const words = ["", `${hours[0]} to ${hours[1]} h`, "works on"];
    for (const text of words) add(person, "span", "", text);
    const tally = add(person, "div", "tally");
    add(tally, "span", "", "last");
    for (const verdict of log.verdicts) add(add(tally, "span"), "i", verdict);
  }
  function addPerson(list, p) {
    p.row = add(list, "li", "person");
    p.who = add(p.row, "span", "who", p.name);
    p.who.title = p.name;
    p.strip = add(p.row, "span", "strip");
    p.now = add(p.row, "span", "now");
    const tally = add(p.row, "div", "tally"), last = add(tally, "span");
    p.last = add(last, "i");
    p.lastWord = add(last, "span", "unseen");
    p.tally = log.verdicts.map((verdict) => {
      const cell = add(tally, "span"), n = add(cell, "span");
      add(cell, "span", "unseen", ` ${verdict} today`);
      return n;
    });
  }
  function addPool(pool, i) {
    const lane = add($("#lanes"), "section", "lane"), head = add(lane, "div", "head");
    add(head, "h3", "", pool.name);
    const waiting = add(head, "p", "waiting");
    pool.count = add(waiting, "b", "", "0");
    add(waiting, "span", "", " waiting");
    pool.oldest = add(head, "p", "oldest");
    pool.more = add(head, "p", pool.most > 40 || work.some((v) => v.to === i) ? "more" : "");
    pool.queue = add(lane, "div", "queue");
    const list = add(lane, "ul", "people");
    for (const p of people) if (p.pool === i) addPerson(list, p);
    pool.label = add($("#names"), "p");
    add(pool.label, "b", "", pool.name);
    add(pool.label, "span", "", `at most ${counted(pool.most)}`);
  }
  for (const s of streams) {
    const row = add($("#alone ol"), "li");
    add(row, "span", "name", s.name).title = s.name;
    s.stream = add(row, "span", "stream");
    s.count = add(row, "span", "count", "0");
  }
  headLanes();
  pools.forEach(addPool);
  if (pools.length > 4) $("#names").className = "many";
  if (!pools.length) add($("#lanes"), "p", "small", "Nothing waited for a person in these days.");
  for (const [name, value] of Object.entries(SPEEDS)) {
    const option = add($("#speed"), "option", "", name);
    option.value = value;
    option.selected = value === HOUR;
  }
  $("#slider").max = END;

  // --- canvases ------------------------------------------------------------------------------
  const colour = {}, pens = {};
  const canvas = { alone: $("#alone canvas"), desk: $("#desk canvas"), chart: $("#chart canvas") };
  let rowHeight = 0, still = null;

  function boxOf(element, within) {
    const a = element.getBoundingClientRect(), b = within.getBoundingClientRect();
    return { x: a.left - b.left, y: a.top - b.top, w: a.width, h: a.height };
  }
  function penOf(element, w, h) {
    const ratio = window.devicePixelRatio || 1;
    element.width = Math.round(w * ratio);
    element.height = Math.round(h * ratio);
    const pen = element.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    return pen;
  }
  function layout() {
    const root = getComputedStyle(document.documentElement);
    for (const name of ["ink", "grey", "line", "mist", "paper", "edge", ...AGES]) {
      colour[name] = root.getPropertyValue(`--${name}`).trim();
    }
    rowHeight = pools.length ? pools[0].label.getBoundingClientRect().height : 0;
    canvas.chart.style.height = `${TOP + rowHeight * pools.length}px`;
    for (const [name, on] of Object.entries(canvas)) {
      pens[name] = penOf(on, on.clientWidth, on.clientHeight);
    }
    for (const s of streams) s.box = boxOf(s.stream, canvas.alone);
    for (const pool of pools) pool.box = boxOf(pool.queue, canvas.desk);
    for (const p of people) {
      const who = boxOf(p.who, canvas.desk);
      p.seat = { x: who.x + 7, y: who.y + who.h / 2 };
      p.box = boxOf(p.strip, canvas.desk);
    }
    still = drawnChart();
    jumped = true;
  }
  function clear(name) {
    pens[name].clearRect(0, 0, canvas[name].clientWidth, canvas[name].clientHeight);
    return pens[name];
  }

  // --- what went out alone: each dot runs once from left to right ----------------------------
  function drawStreams(t) {
    const pen = clear("alone"), span = STREAM_SECONDS * speed();
    pen.fillStyle = colour.ink;
    pen.globalAlpha = 0.42;
    for (const { at, box } of streams) {
      for (let i = upTo(at, t) - 1; i >= 0 && at[i] > t - span; i -= 1) {
        const x = box.x + ((t - at[i]) / span) * box.w;
        const y = box.y + 5 + ((i * 0.618034) % 1) * (box.h - 10); // apart, the same each time
        pen.fillRect(x - 1.4, y - 1.4, 2.8, 2.8);
      }
    }
    pen.globalAlpha = 1;
  }

  // --- the desk ------------------------------------------------------------------------------
  const marks = new Map();

  function waitingAt(t) {
    const lines = pools.map(() => []), n = upTo(work, t, (v) => v.at);
    for (let i = 0; i < n; i += 1) {
      const v = work[i];
      if (v.began > t) lines[v.late <= t ? v.to : v.pool].push(v);
    }
    return lines;
  }
  function jobsAt(p, t, held) { // the latest first
    const found = [];
    for (let i = upTo(p.jobs, t, (v) => v.began) - 1; i >= 0; i -= 1) {
      if (p.jobs[i].ended + held > t) found.push(p.jobs[i]);
    }
    return found;
  }
  // the oldest stand right, next to the people; a line winds, so that each moves up by one place
  function place(box, rank) {
    const rows = Math.max(1, Math.floor(box.h / CELL)), column = Math.floor(rank / rows);
    const row = column % 2 ? rows - 1 - (rank % rows) : rank % rows;
    return { x: box.x + box.w - (column + 0.5) * CELL,
      y: box.y + (box.h - rows * CELL) / 2 + (row + 0.5) * CELL };
  }
  const room = ({ w, h }) => Math.max(1, Math.floor(w / CELL)) * Math.max(1, Math.floor(h / CELL));

  function drawMark(pen, { x, y }, age, alpha = 1) {
    pen.globalAlpha = alpha;
    pen.fillStyle = colour[AGES[age]];
    pen.beginPath();
    if (age === 0) pen.arc(x, y, 4.6, 0, 7);
    else if (age === 2) pen.rect(x - 4.5, y - 4.5, 9, 9);
    else for (const [dx, dy] of [[0, -6], [6, 0], [0, 6], [-6, 0]]) pen.lineTo(x + dx, y + dy);
    pen.closePath();
    pen.fill();
    if (age === 1) { // the pale colour needs an edge
      pen.strokeStyle = colour.edge;
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }
  function drawDesk(t, lines, held, passed) {
    const pen = clear("desk"), keep = new Set(), pull = 1 - Math.exp(-passed / 0.1);
    if (jumped) marks.clear();
    const ageOf = (v, at) => Math.min(2, Math.floor((at - v.at) / DAY));
    const glide = (key, to, from = to.x) => {
      const at = marks.get(key) || { x: from, y: to.y }, by = motion.matches ? 1 : pull;
      const moved = { x: at.x + (to.x - at.x) * by, y: at.y + (to.y - at.y) * by };
      keep.add(key);
      marks.set(key, moved);
      return moved;
    };
    for (const p of people) drawDay(pen, p, t);
    pools.forEach((pool, i) => {
      const line = lines[i];
      pool.each = GROUPS.find((size) => line.length <= size * room(pool.box));
      for (let rank = 0; rank * pool.each < line.length; rank += 1) {
        const v = line[rank * pool.each], key = pool.each > 1 ? `${i}/${rank}` : v.id;
        const at = glide(key, place(pool.box, rank), jumped ? undefined : pool.box.x);
        drawMark(pen, at, ageOf(v, t));
      }
    });
    for (const p of people) {
      for (const v of jobsAt(p, t, held)) {
        if (v.look) continue;
        drawMark(pen, glide(v.id, p.seat), ageOf(v, v.began), v.ended > t ? 1 : 0.5);
      }
    }
    for (const key of marks.keys()) if (!keep.has(key)) marks.delete(key);
  }
  function drawDay(pen, p, t) { // of one person: verdicts dark, looks pale
    const { box } = p, day = midnight(t), y = box.y + box.h / 2 - 4;
    const x = (s) => box.x + box.w
      * Math.min(Math.max((s - day - shift[0]) / (shift[1] - shift[0]), 0), 1);
    pen.fillStyle = colour.mist;
    pen.fillRect(box.x, y, box.w, 8);
    for (const v of p.jobs) {
      const until = Math.min(v.ended, t);
      if (v.began > t || until < day) continue;
      pen.fillStyle = v.look ? colour.grey : colour.young;
      pen.globalAlpha = v.look ? 0.4 : 0.85;
      pen.fillRect(x(v.began), y, Math.max(0.8, x(until) - x(v.began)), 8);
    }
    pen.globalAlpha = 1;
    pen.fillStyle = colour.ink;
    pen.fillRect(x(t) - 0.5, y - 2, 1, 12);
  }

  // --- the chart: waiting over time, the oldest at the bottom --------------------------------
  const xOf = (t) => (t / END) * canvas.chart.clientWidth;

  function drawnChart() {
    const made = document.createElement("canvas"), w = canvas.chart.clientWidth;
    const pen = penOf(made, w, canvas.chart.clientHeight);
    drawDays(pen, w);
    const most = Math.max(1, ...pools.map((p) => p.most));
    pools.forEach((pool, i) => {
      const base = TOP + (i + 1) * rowHeight - 1, unit = (rowHeight - 7) / most;
      AGES.forEach((age, younger) => { // each area reaches down to the base
        let y = base;
        pen.fillStyle = colour[age];
        pen.beginPath();
        pen.moveTo(0, base);
        for (const [from, ...n] of pool.steps) {
          if (from >= END) break;
          pen.lineTo(xOf(Math.max(0, from)), y);
          y = base - unit * n.slice(younger).reduce((a, b) => a + b);
          pen.lineTo(xOf(Math.max(0, from)), y);
        }
        pen.lineTo(w, y);
        pen.lineTo(w, base);
        pen.fill();
      });
      pen.fillStyle = colour.line;
      pen.fillRect(0, base, w, 1);
    });
    return made;
  }
  function drawDays(pen, w) {
    const days = log.days.slice(0, -1), wide = w / days.length - 8;
    const ways = [(x) => x, (x) => x.split(" ").slice(0, 2).join(" "), (x) => x.split(" ")[1]];
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "top";
    const way = ways.find((f) => days.every((t) => pen.measureText(f(dayOf(t))).width < wide));
    for (const t of days) {
      pen.fillStyle = colour.line;
      pen.fillRect(Math.round(xOf(t)), 2, 1, TOP + pools.length * rowHeight);
      pen.fillStyle = colour.grey;
      if (way) pen.fillText(way(dayOf(t)), xOf(t) + 5, 1);
    }
  }
  function drawChart(t) {
    const pen = clear("chart"), w = canvas.chart.clientWidth, h = canvas.chart.clientHeight;
    pen.drawImage(still, 0, 0, w, h);
    pen.globalAlpha = 0.62; // what is still to come is pale
    pen.fillStyle = colour.paper;
    pen.fillRect(xOf(t), TOP, w - xOf(t), h - TOP);
    pen.globalAlpha = 1;
    pen.fillStyle = colour.ink;
    pen.fillRect(Math.round(xOf(t)) - 1, 0, 2, h);
  }

  // --- words ---------------------------------------------------------------------------------
  function tell(t, lines, held) {
    say($("#clock b"), timeOf(t));
    say($("#clock span"), playing && nextAfterQuiet(t) ? "quiet, so faster" : "");
    say($("#alone-note"), `since ${dayOf(0)}; dots cross in ${lasting(STREAM_SECONDS * speed())}`);
    for (const s of streams) say(s.count, counted(upTo(s.at, t)));
    pools.forEach((pool, i) => {
      const line = lines[i], late = line.filter((v) => v.late <= t).length;
      say(pool.count, counted(line.length));
      say(pool.oldest, line.length ? `oldest ${lasting(t - line[0].at)}` : "");
      if (pool.each > 1) say(pool.more, `each mark is ${counted(pool.each)}`);
      else say(pool.more, late ? `${counted(late)} escalated` : "");
    });
    for (const p of people) tellPerson(p, t, jobsAt(p, t, held));
    $("#slider").value = t;
    $("#slider").setAttribute("aria-valuetext", timeOf(t));
  }
  function tellPerson(p, t, jobs) {
    const today = midnight(t), n = log.verdicts.map(() => 0);
    let last = null;
    for (let i = upTo(p.jobs, t, (v) => v.began) - 1; i >= 0; i -= 1) {
      const v = p.jobs[i];
      if (v.ended > t || v.verdict < 0) continue;
      if (v.ended >= today) n[v.verdict] += 1;
      if (!last || v.ended > last.ended) last = v;
    }
    const [job] = jobs, more = jobs.filter((v) => v.ended > t).length - 1;
    const how = job && (job.look ? "look: " : job.hand ? "by hand: " : "");
    say(p.now, job ? `${how}${log.workflows[job.flow]}${more > 0 ? ` +${more}` : ""}` : "not busy");
    p.row.classList.toggle("busy", Boolean(job));
    n.forEach((count, i) => say(p.tally[i], counted(count)));
    p.last.className = last ? log.verdicts[last.verdict] : "";
    say(p.lastWord, last ? `last verdict: ${log.verdicts[last.verdict]};` : "");
  }
  function sayState() { // to those who do not see it, when it stands still
    const words = waitingAt(now).map((line, i) => `${pools[i].name}: ${line.length} waiting`);
    say($("#said"), `${timeOf(now)}. ${words.join(", ")}.`);
  }

  // --- time ----------------------------------------------------------------------------------
  let now = START, playing = false, jumped = true, before = 0, told = -1e9, asked = 0, settled = 0;
  const speed = () => Number($("#speed").value);

  function nextAfterQuiet(t) { // when the next thing happens, if that is long after the last
    if (!$("#skip").checked) return 0;
    const i = upTo(moments, t), next = i < moments.length ? moments[i] : END;
    return next - t > QUIET && !(t - moments[i - 1] <= 5 * MINUTE) ? next : 0;
  }
  function pass(seconds) {
    const next = nextAfterQuiet(now), step = seconds * speed();
    now += next ? Math.max(step, Math.min(step * FAST, next - 5 * MINUTE - now)) : step;
    if (now >= END) {
      now = END;
      setPlaying(false);
    }
  }
  function draw(passed, clock) {
    const lines = waitingAt(now), held = playing ? HELD_SECONDS * speed() : 0;
    drawStreams(now);
    drawDesk(now, lines, held, passed);
    drawChart(now);
    jumped = false;
    if (!playing || clock - told > WORDS_MS) {
      told = clock;
      tell(now, lines, held);
    }
  }
  function frame(clock) {
    const passed = Math.min(0.1, Math.max(0, (clock - before) / 1000));
    before = clock;
    if (playing) pass(passed);
    draw(passed, clock);
    asked = playing || clock < settled ? requestAnimationFrame(frame) : 0;
  }
  function wake() { // dots glide on for a moment when time stands still
    settled = performance.now() + 700;
    if (asked) return;
    before = performance.now();
    asked = requestAnimationFrame(frame);
  }
  function setPlaying(on) {
    if (on && now >= END) now = START;
    playing = on;
    say($("#play b"), on ? "Pause" : "Play");
    $("#play").classList.toggle("on", on);
    if (!on) sayState();
    wake();
  }
  function go(t) {
    now = Math.min(Math.max(0, t), END);
    jumped = true;
    if (!playing) sayState();
    wake();
  }
  function scrub(event) {
    const box = canvas.chart.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width) * END);
  }
  function redo() { // at once, since a canvas of another size is empty
    layout();
    draw(0, performance.now());
  }

  $("#play").addEventListener("click", () => setPlaying(!playing));
  $("#slider").addEventListener("input", () => go(Number($("#slider").value)));
  $("#speed").addEventListener("change", wake);
  $("#peak").addEventListener("click", () => go(log.peaks.find((t) => t > now) ?? log.peaks[0]));
  canvas.chart.addEventListener("pointerdown", (event) => {
    canvas.chart.setPointerCapture(event.pointerId);
    scrub(event);
  });
  canvas.chart.addEventListener("pointermove", (event) => event.buttons && scrub(event));
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("button, select, [type=checkbox]")) return;
    event.preventDefault();
    setPlaying(!playing);
  });
  document.querySelectorAll("#days tbody th").forEach((cell, i) => {
    const text = cell.textContent;
    cell.replaceChildren();
    const button = add(cell, "button", "", text);
    button.title = "To the moment of this day when most decisions waited";
    button.addEventListener("click", () => {
      go(log.peaks[i]);
      $("#player").scrollIntoView({ behavior: motion.matches ? "auto" : "smooth" });
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redo);
  layout();
  new ResizeObserver(redo).observe($("#player"));
  setPlaying(!motion.matches);
})();
