// Checks a value as soon as it is typed or pasted: input[data-check-url], an IBAN above all. The value travels in the
// body, never in an address, together with the fields that data-check-with names. The server answers {ok, message,
// fill}; `fill` goes to the field named by data-fills when nobody has typed there.
import { french, send, tokenOf } from "./send.js";

const AFTER_TYPING = 500;

function watch(input) {
  const result = input.parentElement.querySelector("[data-check-result]");
  const target = input.dataset.fills ? input.form.elements[input.dataset.fills] : null;
  let timer = null;
  let lastChecked = null;
  let filled = "";

  async function check() {
    const value = input.value.trim();
    if (value === lastChecked) return;
    lastChecked = value;
    if (value === "") {
      result.textContent = "";
      return;
    }
    const body = new FormData();
    body.append(input.name, value);
    for (const name of (input.dataset.checkWith ?? "").split(" ")) {
      const other = name && input.form.elements[name];
      if (other) body.append(name, other.value);
    }
    const answer = await send(input.dataset.checkUrl, body, tokenOf(input.form));
    if (input.value.trim() !== value) return;
    result.textContent = french(answer.message ?? "");
    result.classList.toggle("check-right", answer.ok);
    result.classList.toggle("check-wrong", !answer.ok);
    if (target && answer.fill && (target.value === "" || target.value === filled)) {
      target.value = answer.fill;
      filled = answer.fill;
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(check, event.inputType === "insertFromPaste" ? 0 : AFTER_TYPING);
  });
  input.addEventListener("blur", check);
}

export function start(root) {
  for (const input of root.querySelectorAll("input[data-check-url]")) watch(input);
}
