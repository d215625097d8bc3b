// The way to the kernel: every message gets its reply, or is sent again until it does.

const PATIENCE_MS = 8000;
const AGAIN_MS = 4000;
const GIVE_UP_MS = 7000;

class Link {
  /**
   * @param told called with true when replies fail to come, with false when they come again
   * @param keep called with an answer that nobody took, before the page is loaded anew
   */
  constructor(model, { served, told, keep }) {
    Object.assign(this, { model, served, told, keep });
    this.waiting = new Map();
    this.gone = false;
    this.number = 0;
    this.name = Math.random().toString(36).slice(2, 10);
    this.take = (reply) => this.took(reply);
    model.on("msg:custom", this.take);
  }

  /** Ask for something. Sent twice it is done once: the id tells. */
  ask(what, more = {}, { quiet = false } = {}) {
    const message = { id: `${this.name}-${++this.number}`, do: what, ...more };
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.late(message.id), PATIENCE_MS);
      this.waiting.set(message.id, { message, resolve, timer, quiet });
      this.send(message);
    });
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      // the kernel is gone; late() says so, and goes on trying
    }
  }

  took(reply) {
    const asked = this.waiting.get(reply?.id);
    if (!asked) return; // to another view, or to a message sent twice
    clearTimeout(asked.timer);
    this.waiting.delete(reply.id);
    this.turn(false);
    asked.resolve(reply);
  }

  late(id) {
    const asked = this.waiting.get(id);
    if (!asked) return;
    if (!asked.quiet) this.turn(true);
    this.send(asked.message);
    asked.timer = setTimeout(() => this.late(id), AGAIN_MS);
  }

  turn(gone) {
    if (gone === this.gone) return;
    this.gone = gone;
    this.told(gone);
    if (gone && this.served) this.comeBack();
  }

  /** A server that was restarted has no kernel of ours: load the page anew, and answer there. */
  async comeBack() {
    while (this.gone) {
      await pause(AGAIN_MS);
      if (!this.gone || !(await reachable())) continue;
      await pause(GIVE_UP_MS);
      if (!this.gone || !(await reachable())) continue;
      const answer = [...this.waiting.values()].find((asked) => asked.message.do === "answer");
      if (answer) this.keep(answer.message);
      location.reload();
      return;
    }
  }

  close() {
    this.model.off("msg:custom", this.take);
    for (const asked of this.waiting.values()) clearTimeout(asked.timer);
    this.waiting.clear();
    this.gone = false;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether any server answers where this page came from. */
async function reachable() {
  try {
    const reply = await fetch(`${location.origin}/hitl-there`, { cache: "no-store" });
    return reply.status < 500;
  } catch {
    return false;
  }
}
