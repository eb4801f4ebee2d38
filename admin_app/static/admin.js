// The entry of the pages of the back office. Each module does nothing on a page that does not call for it, and no page
// needs any of them.
import { start as startLists } from "./lists.js";
import { start as startLookup } from "./lookup.js";
import { start as startShortcuts } from "./shortcuts.js";
import { start as startTyped } from "./typed.js";

startLists(document);
startLookup(document);
startShortcuts(document);
startTyped(document);
