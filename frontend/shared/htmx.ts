import htmx from "htmx.org";
import { Idiomorph } from "idiomorph/htmx";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.inlineStyleNonce = document.querySelector<HTMLElement>("script[nonce]")?.nonce ?? "";
htmx.config.scrollIntoViewOnBoost = false;
// Going back asks the server again, for the whole page: no copy of a client's page stays in the browser, none is stale.
htmx.config.historyCacheSize = 0;
htmx.config.historyRestoreAsHxRequest = false;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

// A refreshed fragment never takes back what is being typed, nor closes what was opened.
Idiomorph.defaults.ignoreActiveValue = true;
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name: string, node: Element) =>
  !(name === "open" && (node instanceof HTMLDetailsElement || node instanceof HTMLDialogElement));

export default htmx;
