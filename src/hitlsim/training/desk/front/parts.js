// Small parts of a page. Whatever comes from a deck is put in as text, never as HTML.

/** An element: h("p.note", {id: "a"}, "text", child). */
function h(what, props = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

const hidden = (text) => h("span.hitl-hidden", {}, text);

const percent = (share) => `${Math.round(100 * share)}%`;

function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "Label: value" in two. */
function parted(line) {
  const at = line.indexOf(": ");
  return at > 0 && at < 48 ? [line.slice(0, at), line.slice(at + 2)] : ["", line];
}

/** What a browser keeps for a class; a browser that keeps nothing is no reason to fail. */
const kept = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(`hitlsim-${name}`));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value == null) localStorage.removeItem(`hitlsim-${name}`);
      else localStorage.setItem(`hitlsim-${name}`, JSON.stringify(value));
    } catch {
      // private windows may refuse
    }
  },
};
