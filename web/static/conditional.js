// Shows a field only when it applies: data-show-when="name=value", "name=one|two" or "name!=value".
// What is hidden is also disabled, so that it is not sent; a hidden question hides those that depend on it.

function parse(condition) {
  const [, name, operator, values] = condition.match(/^([^=!]+)(!?=)(.*)$/) ?? [];
  return { name, different: operator === "!=", values: (values ?? "").split("|") };
}

function currentValue(form, name) {
  const controls = [...form.elements].filter((control) => control.name === name && !control.disabled);
  if (controls.length === 0) return null;
  const chosen = controls.find((control) => !["radio", "checkbox"].includes(control.type) || control.checked);
  return chosen ? chosen.value.trim() : "";
}

function holds(form, condition) {
  const { name, different, values } = parse(condition);
  const value = currentValue(form, name);
  if (value === null) return false;
  return different ? !values.includes(value) : values.includes(value);
}

function show(block, visible) {
  if (block.hidden === !visible) return;
  block.hidden = !visible;
  for (const control of block.querySelectorAll("input, select, textarea, button")) {
    if (visible) {
      if (control.dataset.disabledByCondition) {
        control.disabled = false;
        delete control.dataset.disabledByCondition;
      }
    } else if (!control.disabled) {
      control.disabled = true;
      control.dataset.disabledByCondition = "1";
    }
  }
}

export function refresh(form) {
  // In the order of the page: a condition comes after the question it depends on.
  for (const block of form.querySelectorAll("[data-show-when]")) {
    const inHidden = block.parentElement.closest("[data-show-when][hidden]") !== null;
    show(block, !inHidden && holds(form, block.dataset.showWhen));
  }
}

export function start(root) {
  for (const form of root.querySelectorAll("form")) {
    if (!form.querySelector("[data-show-when]")) continue;
    refresh(form);
    form.addEventListener("input", () => refresh(form));
    form.addEventListener("change", () => refresh(form));
  }
}
