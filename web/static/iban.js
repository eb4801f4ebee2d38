// Checks a value as soon as it is typed or pasted: input[data-check-url], an IBAN above all. The value travels in the
// body, never in an address, together with the fields that data-check-with names. The server answers {ok, message,
// fill}; `fill` goes to the field named by data-fills when nobody has typed there.
import { french, send, tokenOf } from "./send.js";

const AFTER_TYPING = 500;

function watch(input) {
  const result = input.parentElement.querySelector("[data-check-result]");
  const target = input.dataset.fills ? input.form.elements[input.dataset.fills] : null;
  const others = (input.dataset.checkWith ?? "").split(" ").map((name) => name && input.form.elements[name]).filter(Boolean);
  const typed = () => [input, ...others].map((one) => one.value.trim()).join("\n");
  let timer = null;
  let lastChecked = null;
  let filled = "";

  async function check() {
    const value = input.value.trim();
    const whole = typed();
    if (whole === lastChecked) return;
    lastChecked = whole;
    if (value === "") {
      result.textContent = "";
      return;
    }
    const body = new FormData();
    body.append(input.name, value);
    for (const other of others) body.append(other.name, other.value);
    const answer = await send(input.dataset.checkUrl, body, tokenOf(input.form));
    if (typed() !== whole) return;
    result.textContent = french(answer.message ?? "");
    result.classList.toggle("check-right", answer.ok);
    result.classList.toggle("check-wrong", !answer.ok);
    if (answer.ok) forgive(input);
    if (target && answer.fill && (target.value === "" || target.value === filled)) {
      target.value = answer.fill;
      filled = answer.fill;
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  for (const one of [input, ...others]) {
    one.addEventListener("input", (event) => {
      clearTimeout(timer);
      // What was said of this field may change with another, not before something was typed here.
      if (one !== input && input.value.trim() === "") return;
      timer = setTimeout(check, event.inputType === "insertFromPaste" ? 0 : AFTER_TYPING);
    });
  }
  input.addEventListener("blur", check);
}

// What the server had said of the field is no longer true.
function forgive(input) {
  const field = input.closest(".field");
  field.classList.remove("field-wrong");
  field.querySelector(".field-error")?.remove();
  input.removeAttribute("aria-invalid");
}

export function start(root) {
  for (const input of root.querySelectorAll("input[data-check-url]")) watch(input);
}
