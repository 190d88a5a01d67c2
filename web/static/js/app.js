// What every page does: errors in their places, menus, messages, light and dark, keys and commands, news.
import { showErrors } from "./errors.js";
import { watchMenus } from "./menus.js";
import { watchMessages } from "./messages.js";
import { watchTheme } from "./theme.js";
import { watchKeySheet } from "./keysheet.js";
import { watchPalette } from "./palette.js";
import { watchShortcuts } from "./shortcuts.js";
import { watchNews } from "./news.js";
import { watchViews } from "./views.js";
import { watchConnection } from "./connection.js";
import { watchPresence } from "./presence.js";
import { keepWhatIsInHand } from "./morphing.js";

const year = 365 * 24 * 60 * 60;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const secure = location.protocol === "https:" ? "; Secure" : "";
document.cookie = `zone=${zone}; path=/; max-age=${year}; SameSite=Lax${secure}`;

keepWhatIsInHand();
showErrors();
watchMenus();
watchMessages();
watchTheme();
watchKeySheet();
watchPalette();
watchShortcuts();
watchNews();
watchViews();
watchConnection();
watchPresence();
