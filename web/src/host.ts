// The app around the page, which judges answers and keeps the view in its address.

import type { Judged } from "./answers";
import type { Label, State } from "./state";

/** tell sends something to the app; alone, the page has nobody to tell. */
export function tell(what: { codegraph: string; [key: string]: unknown }): void {
  if (parent !== window && location.protocol.startsWith("http")) parent.postMessage(what, location.origin);
}

/** connect tells the app that the page is there, hands it what is said, and takes what it judges. */
export function connect(state: State): void {
  if (parent === window || !location.protocol.startsWith("http")) return;
  state.answers.again = () => tell({ codegraph: "again" });
  state.answers.host = (step) => tell(step ? { codegraph: "say", step } : { codegraph: "undo" });
  addEventListener("message", (e: MessageEvent) => {
    if (e.source !== parent || e.origin !== location.origin) return;
    if (e.data?.codegraph === "judged") state.judge(e.data.judged as Judged, e.data.before as Label[] | undefined);
    if (e.data?.codegraph === "refused") state.refuse(String(e.data.reason));
  });
  tell({ codegraph: "ready" });
}
