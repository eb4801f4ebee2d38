// « À corriger » beside the declared data: each tick and each reason is saved at once, by the form that sends them all
// without scripts. What the server answers is shown in place, what is being typed meanwhile stays.

const WAIT = 1000;
const LONGEST_HOLD = 5000;

const ticks = () => [...document.querySelectorAll("[data-flag]")];
const reasonOf = (tick) => document.getElementById(`reason-${tick.value}`);
const isOurs = (element) => element.matches?.(".flag input, .flag-reason input");
const tickOf = (element) => element.closest(".data-line").querySelector("[data-flag]");

function isChanged(tick) {
  const reason = reasonOf(tick);
  return tick.checked !== tick.defaultChecked || (tick.checked && reason.value !== reason.defaultValue);
}

// The form that asks for a correction says what is ticked beside the data.
export function tellFlagged() {
  const list = document.querySelector("[data-flagged]");
  if (!list) return;
  const ticked = ticks().filter((tick) => tick.checked);
  list.replaceChildren(...ticked.map((tick) => {
    const line = document.createElement("li");
    const reason = reasonOf(tick).value.trim();
    line.textContent = reason ? `${tick.dataset.flag}\u00a0: ${reason}` : tick.dataset.flag;
    return line;
  }));
}

// What a colleague flagged since, from a fresh page; what was changed here and not saved yet stays.
export function follow(fresh) {
  for (const tick of ticks()) {
    const other = fresh.getElementById(tick.id);
    if (!other) continue;
    take(tick, "checked", "defaultChecked", other.defaultChecked);
    take(reasonOf(tick), "value", "defaultValue", fresh.getElementById(reasonOf(tick).id).defaultValue);
  }
}

function take(field, value, saved, given) {
  if (field[value] === field[saved]) field[value] = given;
  field[saved] = given;
}

function send(tick) {
  const reason = reasonOf(tick);
  const body = new URLSearchParams({ csrf_token: tick.form.elements.csrf_token.value });
  if (tick.checked) {
    body.set(tick.name, tick.value);
    body.set(reason.name, reason.value);
  } else body.set(`vu_${tick.value}`, "");
  const before = [tick.defaultChecked, reason.defaultValue];
  tick.defaultChecked = tick.checked;
  reason.defaultValue = reason.value;
  const undo = () => ([tick.defaultChecked, reason.defaultValue] = before);
  const address = document.querySelector("[data-flags-save]").formAction;
  // It leaves even if the page is left at this moment.
  return fetch(address, { method: "POST", body, credentials: "same-origin", keepalive: true }).then((response) => {
    // A session that ended answers with another page, and saves nothing.
    if (!response.ok || new URL(response.url).pathname !== location.pathname) undo();
    return response;
  }, (error) => {
    undo();
    throw error;
  });
}

// `show` is given what the server answered; `fail` says that it did not.
export function start(show, fail) {
  const waiting = new Set();
  let chain = Promise.resolve();
  let busy = 0;
  let held = false;
  let timer = 0;

  function save(tick) {
    waiting.add(tick);
    busy += 1;
    chain = chain.then(async () => {
      if (!waiting.delete(tick) || !isChanged(tick)) return;
      const response = await send(tick);
      if (!held) show(await response.text(), response);
    }).catch(fail).finally(() => (busy -= 1));
  }

  function saveAll() {
    clearTimeout(timer);
    ticks().filter(isChanged).forEach(save);
    return chain;
  }

  document.addEventListener("input", (event) => {
    if (!isOurs(event.target)) return;
    tellFlagged();
    clearTimeout(timer);
    timer = setTimeout(saveAll, WAIT);
  });
  document.addEventListener("change", (event) => {
    if (isOurs(event.target) && isChanged(tickOf(event.target))) save(tickOf(event.target));
  });
  // Another form waits for what is being saved: its page is to show it.
  document.addEventListener("submit", (event) => {
    if (held || !(busy || ticks().some(isChanged))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    const resume = () => {
      try {
        target.requestSubmit(submitter);
      } finally {
        held = false;
      }
    };
    saveAll();
    held = true;
    // A server that does not answer must not keep a form for ever.
    Promise.race([chain, new Promise((done) => setTimeout(done, LONGEST_HOLD))]).finally(resume);
  }, true);
  window.addEventListener("pagehide", () => {
    for (const tick of ticks()) if (isChanged(tick)) send(tick).catch(() => {});
  });
  tellFlagged();
}
