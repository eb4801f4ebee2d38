// Opens a confirmation in place: an element with data-dialog="<id>" opens that <dialog>. Without scripts the button
// sends its form, or the link leads to a page that asks the same question.

const UNANSWERED = ["checkbox", "radio", "file"].map((type) => `input[type=${type}]:invalid`).join(", ");

export function start(root) {
  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && root.getElementById(opener.dataset.dialog);
    if (dialog instanceof HTMLDialogElement) {
      // The server says what is missing: nobody is asked to confirm what cannot be sent.
      if (opener.form?.querySelector(UNANSWERED)) return;
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
    // The second half of a double click on the opener falls beside the dialog: it closes nothing.
    else if (event.target instanceof HTMLDialogElement && event.detail < 2) event.target.close();
  });
}
