// Lets a floating message be closed. It stays until then: nobody has to read against a clock.

export function start(root) {
  for (const toast of root.querySelectorAll("[data-toast]")) {
    const close = toast.querySelector("[data-toast-close]");
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
  }
}
