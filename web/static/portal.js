// The entry of every page: starts the small modules below. Each does nothing on a page that does not call for it, and
// no page needs any of them.
import { start as startConditional } from "./conditional.js";
import { start as startErrors } from "./errors.js";
import { start as startUpload } from "./upload.js";
import { start as startAutosave } from "./autosave.js";
import { start as startDialog } from "./dialog.js";
import { start as startCheck } from "./iban.js";
import { start as startSubmitOnce } from "./submit-once.js";
import { start as startToast } from "./toast.js";

document.documentElement.classList.add("with-scripts");
for (const start of [
  startConditional,
  startErrors,
  startUpload,
  startAutosave,
  startDialog,
  startCheck,
  startSubmitOnce,
  startToast,
]) {
  start(document);
}
