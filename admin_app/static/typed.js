// What was typed on a file and not sent outlives the session: it is kept in this tab when the page is left, and given
// back once the same person has signed in again. The next page forgets it if no sign-in came between; signing out, in
// this tab or another, and somebody else who signs in forget it too. A page says in data-typed-of which file it is about.

const KEY = "saisie";
const CHANNEL = "deconnexion";
const FIELDS = "textarea, input:not([type]), input[type=text], input[type=checkbox]";

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(record) {
  try {
    if (Object.keys(record?.values ?? {}).length) sessionStorage.setItem(KEY, JSON.stringify(record));
    else sessionStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing: what was typed goes with the page.
  }
}

const isTick = (field) => field.type === "checkbox";
const valueOf = (field) => (isTick(field) ? field.checked : field.value);
const defaultOf = (field) => (isTick(field) ? field.defaultChecked : field.defaultValue);

// Each field by its form, the decision that the form is about, and its id.
function* fields(root) {
  for (const form of root.querySelectorAll("main form[method=post]")) {
    const about = `${form.getAttribute("action")} ${form.elements.namedItem("decision")?.value ?? ""}`;
    for (const field of form.elements) {
      if (field.id && !field.readOnly && field.matches(FIELDS)) yield [`${about} ${field.id}`, field];
    }
  }
}

function typedOn(root) {
  const values = {};
  for (const [name, field] of fields(root)) {
    const value = valueOf(field);
    const isChanged = value !== defaultOf(field);
    if (value || isChanged) values[name] = { value, isChanged };
  }
  return values;
}

const openOn = (root) => [...root.querySelectorAll("main details[open][id]")].map((one) => one.id);

// Fills what is empty, and what the server filled in but was changed before; gives what this page has no field for.
function giveBack(root, { values, open }) {
  const left = { ...values };
  for (const [name, field] of fields(root)) {
    const kept = left[name];
    delete left[name];
    if (!kept?.isLost || (valueOf(field) && !(kept.isChanged && valueOf(field) === defaultOf(field)))) continue;
    if (isTick(field)) field.checked = kept.value;
    else field.value = kept.value;
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }
  for (const id of open ?? []) {
    const fold = root.getElementById(id);
    if (fold) fold.open = true;
  }
  return left;
}

const lostOnes = (values = {}) => Object.fromEntries(Object.entries(values).filter(([, kept]) => kept.isLost));

// Nobody is signed in: what is kept was lost with the session, and waits.
function lose(record) {
  const values = Object.entries(record.values ?? {}).map(([name, kept]) => [name, { ...kept, isLost: true }]);
  write({ ...record, values: Object.fromEntries(values) });
}

export function start(root) {
  const page = root.querySelector("[data-typed-of]")?.dataset;
  const staff = root.querySelector("[data-staff]")?.dataset.staff;
  const channel = new BroadcastChannel(CHANNEL);
  let isOver = false;
  channel.addEventListener("message", () => {
    isOver = true;
    write(null);
  });
  if (root.querySelector("[data-signed-out]")) {
    write(null);
    channel.postMessage("");
    return;
  }
  const record = read();
  if (!staff) {
    lose(record);
    return;
  }
  let own = record.staff === staff ? record : {};
  if (!page || "typedBegins" in page) own = { ...own, values: lostOnes(own.values) };
  if (page && own.page === page.typedOf) own = { ...own, values: giveBack(root, own) };
  write(own);
  if (!page) return;
  const carried = own.page === page.typedOf ? own.values : {};
  window.addEventListener("pagehide", () => {
    if (isOver) return;
    write({ page: page.typedOf, staff, open: openOn(root), values: { ...carried, ...typedOn(root) } });
  });
}
