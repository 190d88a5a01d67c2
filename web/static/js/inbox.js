// The inbox: moving between conversations, the keyboard, drafts.
import { watchAsking } from "./asking.js";
import { watchBulk } from "./bulk.js";
import { watchCountdowns } from "./countdown.js";
import { watchDrafts } from "./drafts.js";
import { watchKeys } from "./keys.js";
import { watchLinks } from "./navigate.js";
import { watchFolds } from "./folds.js";
import { watchNames } from "./naming.js";
import { keepPainted } from "./present.js";
import { watchReadings } from "./readings.js";
import { watchReturned } from "./returned.js";
import { watchRows } from "./quick.js";
import { watchSeen } from "./seen.js";

watchLinks();
watchAsking();
watchBulk();
watchNames();
watchKeys();
watchSeen();
watchDrafts();
watchFolds();
watchRows();
watchReadings();
watchCountdowns();
watchReturned();
keepPainted();
