import { Controller } from "@hotwired/stimulus";
import { serverNow } from "../shared/server_clock";

/** The closed list of what the server tells; each arrives on the body as `live:<kind>` and `live:<kind>:<subject>`. */
const KINDS = [
  "ring", "call", "grants", "message", "state", "instruction", "person", "sheet", "journal",
  "team", "queue", "clients", "banner", "signed_out",
];
const REMEMBERED = 500;
const SLOWEST_RETRY_MS = 15_000;
/** The server beats each fifteen seconds: a line silent for longer is dead, whatever the browser believes. */
const SILENCE_MS = 40_000;

type Notice = { id: string; kind: string; channel: string; subject: string };
type Word = { notice: Notice } | { up: boolean } | { beat: true };

/**
 * One stream for all the tabs of one person: the tab that holds the lock listens to the server and tells the others.
 * A stream begins where the page (or the stream before it) ended. After a cut that lasted, `live:back` asks every
 * fragment to fetch itself again.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["lost"];
  static override values = { url: String, user: String, door: String, grace: { type: Number, default: 5000 } };

  declare readonly lostTargets: HTMLElement[];
  declare readonly urlValue: string;
  declare readonly userValue: string;
  declare readonly doorValue: string;
  declare readonly graceValue: number;

  private tabs?: BroadcastChannel;
  private stream?: EventSource;
  private leaving = new AbortController();
  private patience?: number;
  private retry?: number;
  private watch?: number;
  private tries = 0;
  private lasted = false;
  private heardAt = 0;
  private seen = new Set<string>();

  override connect(): void {
    const name = `permanence-live-${this.userValue}`;
    const leaving = (this.leaving = new AbortController());
    this.heardAt = Date.parse(document.body.dataset.now ?? "") || serverNow();
    this.tabs = new BroadcastChannel(name);
    this.tabs.onmessage = (message: MessageEvent<Word>) => this.hear(message.data);
    const lead = () =>
      new Promise<void>((release) => {
        leaving.signal.addEventListener("abort", () => release());
        this.open();
      });
    // Locks need https or localhost: elsewhere each tab has its own stream.
    if (navigator.locks) navigator.locks.request(name, { signal: leaving.signal }, lead).catch(() => undefined);
    else void lead();
  }

  override disconnect(): void {
    this.leaving.abort();
    this.stream?.close();
    this.tabs?.close();
    clearTimeout(this.patience);
    clearTimeout(this.retry);
    clearTimeout(this.watch);
  }

  private open(): void {
    this.stream?.close();
    const since = new Date(this.heardAt).toISOString();
    const stream = new EventSource(`${this.urlValue}?since=${since}`);
    this.stream = stream;
    this.watchOver();
    stream.onopen = () => this.say({ up: true });
    stream.addEventListener("beat", () => this.say({ beat: true }));
    stream.onerror = () => {
      this.say({ up: false });
      // The browser itself retries a cut stream, but not a refused one (proxy error, server restarting).
      if (stream.readyState === EventSource.CLOSED) {
        void this.leaveIfSignedOut();
        this.retry = window.setTimeout(() => this.open(), Math.min(500 * 2 ** this.tries++, SLOWEST_RETRY_MS));
      }
    };
    for (const kind of KINDS) {
      stream.addEventListener(kind, (event: MessageEvent<string>) => {
        const told = JSON.parse(event.data) as Omit<Notice, "id">;
        this.say({ notice: { ...told, kind, id: event.lastEventId } });
      });
    }
  }

  private watchOver(): void {
    clearTimeout(this.watch);
    this.watch = window.setTimeout(() => {
      this.say({ up: false });
      this.open();
    }, SILENCE_MS);
  }

  private say(word: Word): void {
    if (!("up" in word) || word.up) this.watchOver();
    this.tabs?.postMessage(word);
    this.hear(word);
  }

  private hear(word: Word): void {
    if (!("up" in word)) this.heardAt = serverNow();
    if ("notice" in word) this.pass(word.notice);
    else if ("beat" in word) return;
    else if (word.up) this.back();
    else this.lost();
  }

  private pass(notice: Notice): void {
    if (this.seen.has(notice.id)) return;
    this.seen.add(notice.id);
    if (this.seen.size > REMEMBERED) this.seen.delete(this.seen.values().next().value as string);
    if (notice.kind === "signed_out") void this.leaveIfSignedOut();
    this.announce(notice.kind, notice);
    if (notice.subject) this.announce(`${notice.kind}:${notice.subject}`, notice);
  }

  /** A session of this person has ended: if it is this one, the page goes to the sign-in page and shows nothing more. */
  private async leaveIfSignedOut(): Promise<void> {
    const answer = await fetch(this.doorValue, { method: "HEAD" }).catch(() => null);
    if (answer?.redirected) location.reload();
  }

  private lost(): void {
    this.patience ??= window.setTimeout(() => {
      this.lasted = true;
      this.showLost(true);
    }, this.graceValue);
  }

  private back(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.tries = 0;
    this.showLost(false);
    if (this.lasted) this.announce("back", {});
    this.lasted = false;
  }

  private showLost(lost: boolean): void {
    for (const banner of this.lostTargets) banner.hidden = !lost;
  }

  private announce(name: string, detail: object): void {
    document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
  }
}
