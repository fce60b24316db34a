import { Controller } from "@hotwired/stimulus";
import * as drafts from "../shared/drafts";
import { headers } from "../shared/sending";

const PAUSE_MS = 800;
const SPACING_MS = 2000;
const RETRY_MS = 5000;
const SPOKEN_EVERY_MS = 30_000;

/**
 * Keeps what is typed in a form: on the server at each pause (every two seconds while typing goes on), and in this
 * browser until the server has it. What a closed tab or a dead server left behind is put back when the form returns.
 *
 * `saidTarget` shows data-autosave-kept-value, whose {time} becomes the time as data-autosave-time-value writes it
 * ("{h} h {mm} min {ss} s"), or data-autosave-local-value while only this browser has it. `voiceTarget` (polite live
 * region) hears the same, at most each thirty seconds.
 */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["said", "voice"];
  static override values = { url: String, kept: String, local: String, time: { type: String, default: "{h}:{mm}:{ss}" } };

  declare readonly saidTargets: HTMLElement[];
  declare readonly voiceTargets: HTMLElement[];
  declare readonly urlValue: string;
  declare readonly keptValue: string;
  declare readonly localValue: string;
  declare readonly timeValue: string;

  private timer?: number;
  private changedAt = 0;
  private dirtyAt = 0;
  private sentAt = 0;
  private spokenAt = 0;
  private sending = false;
  private over = false;

  override connect(): void {
    this.restore();
    this.element.addEventListener("input", this.changed);
    this.element.addEventListener("change", this.changed);
    this.element.addEventListener("submit", this.submitting);
    this.element.addEventListener("htmx:beforeOnLoad", this.answered);
    window.addEventListener("pagehide", this.flush);
  }

  override disconnect(): void {
    this.flush();
    window.removeEventListener("pagehide", this.flush);
    this.element.removeEventListener("input", this.changed);
    this.element.removeEventListener("change", this.changed);
    this.element.removeEventListener("submit", this.submitting);
    this.element.removeEventListener("htmx:beforeOnLoad", this.answered);
  }

  private readonly changed = (): void => {
    if (this.over) return; // a field that leaves the page with the focus still tells a change
    this.changedAt = Date.now();
    this.dirtyAt ||= this.changedAt;
    drafts.keep(this.person, this.urlValue, this.fields());
    this.plan();
  };

  private plan(): void {
    const due = Math.max(
      this.sentAt + SPACING_MS,
      Math.min(this.changedAt + PAUSE_MS, this.dirtyAt + SPACING_MS),
    );
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), Math.max(0, due - Date.now()));
  }

  private async save(): Promise<void> {
    if (this.sending || !this.dirtyAt) return;
    this.sending = true;
    const [coversUpTo, fields] = [this.changedAt, this.fields()];
    this.sentAt = Date.now();
    const kept = await this.send(fields, false);
    this.sending = false;
    if (!this.dirtyAt) return; // submitted meanwhile
    if (!kept) {
      this.say(this.localValue, new Date(this.changedAt));
      this.timer = window.setTimeout(() => void this.save(), RETRY_MS);
    } else if (this.changedAt === coversUpTo) {
      this.settle();
      this.say(this.keptValue, new Date());
    } else {
      this.dirtyAt = this.changedAt;
      this.say(this.keptValue, new Date());
      this.plan();
    }
  }

  private async send(fields: [string, string][], leaving: boolean): Promise<boolean> {
    try {
      const body = new URLSearchParams(fields);
      const answer = await fetch(this.urlValue, { method: "POST", body, headers: headers(), keepalive: leaving });
      return answer.ok && !answer.redirected;
    } catch {
      return false;
    }
  }

  /** A page that closes sends its last words without waiting; the local copy goes when the form is next seen saved. */
  private readonly flush = (): void => {
    clearTimeout(this.timer);
    if (this.dirtyAt) void this.send(this.fields(), true);
  };

  /** From here the form itself carries the words: no draft may overtake it. */
  private readonly submitting = (event: Event): void => {
    clearTimeout(this.timer);
    queueMicrotask(() => {
      if (!event.defaultPrevented) this.settle(); // an ordinary form: the page leaves now
    });
  };

  private readonly answered = (event: Event): void => {
    const { elt, xhr } = (event as CustomEvent<{ elt: Element; xhr: XMLHttpRequest }>).detail;
    if (elt !== this.element || xhr.status >= 400) return;
    this.over = true;
    this.settle();
  };

  /** Nothing is left that the server has not got. */
  private settle(): void {
    clearTimeout(this.timer);
    this.dirtyAt = 0;
    drafts.forget(this.person, this.urlValue);
  }

  private restore(): void {
    const draft = drafts.kept(this.person, this.urlValue);
    if (!draft) return;
    const typed = new FormData();
    for (const [name, value] of draft.fields) typed.append(name, value);
    for (const element of this.element.elements) put(element, typed);
    this.say(this.localValue, new Date(draft.at));
    this.changedAt = this.dirtyAt = Date.now();
    this.plan();
  }

  private fields(): [string, string][] {
    return [...new FormData(this.element).entries()].filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && entry[0] !== "csrfmiddlewaretoken",
    );
  }

  private get person(): string {
    return document.body.dataset.liveUserValue ?? "";
  }

  private say(words: string, at: Date): void {
    const two = (figure: number) => String(figure).padStart(2, "0");
    const time = this.timeValue
      .replace("{h}", String(at.getHours()))
      .replace("{mm}", two(at.getMinutes()))
      .replace("{ss}", two(at.getSeconds()));
    const sentence = words.replace("{time}", time);
    for (const said of this.saidTargets) said.textContent = sentence;
    if (Date.now() - this.spokenAt < SPOKEN_EVERY_MS) return;
    this.spokenAt = Date.now();
    for (const voice of this.voiceTargets) voice.textContent = sentence;
  }
}

/** Puts back what was typed in one control; identifiers and tokens that the page carries stay the page's own. */
function put(element: Element, typed: FormData): void {
  if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) {
    element.checked = typed.getAll(element.name).includes(element.value);
  } else if (element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) {
    putValue(element, typed);
  } else if (element instanceof HTMLInputElement && !["hidden", "file", "submit", "button"].includes(element.type)) {
    putValue(element, typed);
  }
}

function putValue(element: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, typed: FormData): void {
  const value = typed.get(element.name);
  if (typeof value === "string") element.value = value;
}
