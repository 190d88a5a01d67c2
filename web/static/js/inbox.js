// The inbox: moving between conversations, the keyboard, drafts.
import { watchDrafts } from "./drafts.js";
import { watchKeys } from "./keys.js";
import { watchLinks } from "./navigate.js";
import { watchFolds } from "./folds.js";

watchLinks();
watchKeys();
watchDrafts();
watchFolds();
