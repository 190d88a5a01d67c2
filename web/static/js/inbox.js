// The inbox: moving between conversations, the keyboard, drafts.
import { watchCountdowns } from "./countdown.js";
import { watchDrafts } from "./drafts.js";
import { watchKeys } from "./keys.js";
import { watchLinks } from "./navigate.js";
import { watchFolds } from "./folds.js";
import { watchReadings } from "./readings.js";
import { watchReturned } from "./returned.js";
import { watchRows } from "./quick.js";

watchLinks();
watchKeys();
watchDrafts();
watchFolds();
watchRows();
watchReadings();
watchCountdowns();
watchReturned();
