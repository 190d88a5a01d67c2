// The inbox: moving between conversations, the keyboard, drafts.
import { watchAsking } from "./asking.js";
import { watchBulk } from "./bulk.js";
import { watchDrafts } from "./drafts.js";
import { watchKeys } from "./keys.js";
import { watchLinks } from "./navigate.js";
import { watchFolds } from "./folds.js";
import { watchReadings } from "./readings.js";
import { watchRows } from "./quick.js";

watchLinks();
watchAsking();
watchBulk();
watchKeys();
watchDrafts();
watchFolds();
watchRows();
watchReadings();
