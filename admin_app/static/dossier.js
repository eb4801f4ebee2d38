// The file of a request, without reloads: pieces change in place, reviews are saved in place, ready-made reasons are
// inserted. The server's page is the only source: its parts marked data-part replace ours. Without this file every link
// and form does the same by loading the page.
import { follow, start as startFlags, tellFlagged } from "./flags.js";

const parts = () => [...document.querySelectorAll("[data-part]")];

// What was typed in the decision and not sent yet stays as it is when its part is replaced.
function typedFields() {
  const kept = new Map();
  for (const field of document.querySelectorAll('[data-part="decision"] :is(input, textarea, select)')) {
    const isTick = field.type === "checkbox" || field.type === "radio";
    const changed = isTick ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
    if (field.id && field.tagName !== "SELECT" && changed) kept.set(field.id, isTick ? field.checked : field.value);
  }
  const open = document.querySelector('[data-part="decision"] details[open]')?.id;
  return { kept, open };
}

function restore({ kept, open }) {
  for (const [id, value] of kept) {
    const field = document.getElementById(id);
    if (!field) continue;
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
  }
  const choice = open && document.getElementById(open);
  if (choice) choice.open = true;
}

// What is saved beside the data changes neither the piece that is shown nor where one is writing.
const STILL = new Set(["pieces", "said"]);
const stays = (part) => STILL.has(part.dataset.part) || part.contains(document.activeElement);

function show(html, { url: address, redirected }, { quiet = false } = {}) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  if (!fresh.querySelector('[data-part="pieces"]')) {
    // A page of its own (signing in again): one goes there, and typed.js keeps what was typed here.
    if (redirected) {
      location.assign(address);
      return;
    }
    // Another page than the file (a conflict): it takes the whole place.
    document.title = fresh.title;
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    window.scrollTo(0, 0);
    return;
  }
  const typed = typedFields();
  for (const part of parts()) {
    if (quiet && stays(part)) continue;
    const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (other) part.replaceWith(other);
    else part.replaceChildren();
  }
  follow(fresh);
  restore(typed);
  tellFlagged();
  const problem = document.querySelector('[data-part="errors"] [data-error-summary]');
  if (quiet) return problem?.focus();
  const bare = new URL(address, location.href);
  bare.searchParams.delete("fait");
  history.replaceState(null, "", bare.pathname + bare.search);
  (problem ?? document.getElementById("piece-title"))?.focus({ preventScroll: !problem });
}

// One at a time, in the order of the clicks: the answer to an earlier click must never cover what a later one did.
let previous = Promise.resolve();

function load(address, options = {}) {
  document.querySelector('[data-part="pieces"]')?.setAttribute("aria-busy", "true");
  const answered = previous.then(async () => {
    const response = await fetch(address, { credentials: "same-origin", ...options });
    show(await response.text(), response);
  });
  previous = answered.catch(() => {});
  return answered;
}

function unanswered(what) {
  const said = document.querySelector('[data-part="errors"]');
  said.textContent = `Le serveur ne répond pas\u00a0: ${what}. Réessayez.`;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-piece]");
  const isPlain = link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!isPlain) return;
  event.preventDefault();
  load(link.href).catch(() => location.assign(link.href));
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-review]");
  if (!form) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form, event.submitter));
  load(form.action, { method: "POST", body }).catch(() => {
    form.removeAttribute("aria-busy");
    unanswered("votre avis n'est pas enregistré");
  });
});

document.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-insert]");
  const text = select?.selectedOptions[0]?.dataset.text;
  const target = text && document.getElementById(select.dataset.insert);
  if (!target) return;
  const before = target.value.trimEnd();
  target.value = before ? `${before}\n\n${text}` : text;
  select.value = "";
  target.focus();
});

startFlags(
  (html, response) => show(html, response, { quiet: true }),
  () => unanswered("ce que vous signalez n'est pas enregistré"),
);
