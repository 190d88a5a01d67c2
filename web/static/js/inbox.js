// The inbox: moving between conversations, the keyboard, drafts.
import { watchDrafts } from "./drafts.js";
import { watchKeys } from "./keys.js";
import { watchHeldRows } from "./held.js";
import { watchLongList } from "./longlist.js";
import { watchLinks } from "./navigate.js";
import { watchFolds } from "./folds.js";
import { watchReadings } from "./readings.js";
import { watchThread } from "./thread.js";
import { watchRows } from "./quick.js";

watchLinks();
watchKeys();
watchDrafts();
watchFolds();
watchRows();
watchHeldRows();
watchLongList();
watchThread();
watchReadings();
