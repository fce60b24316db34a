import { Controller } from "@hotwired/stimulus";
import type { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent } from "jssip/lib/UA";
import { leaveWithdrawnCall, showCall, showRinging } from "../shared/call_card";
import { Ringtone } from "../shared/ringtone";
import { headers } from "../shared/sending";

type Credentials = { username: string; password: string; realm: string };
type Standing = "off" | "microphone" | "denied" | "connecting" | "registered" | "elsewhere" | "lost" | "revoked";

const LOCK = "permanence-softphone";
const CARD_PATIENCE_MS = 1000;
const ICE_PATIENCE_MS = 300;
const RETRY_MS = 5000;
const FORBIDDEN = [401, 403, 404];
const REGISTER_AGAIN_MS = 500;
const REFUSALS_BEFORE_RENEWAL = 20;
const REFUSALS_BEFORE_GIVING_UP = 40;

/**
 * The telephone in the page: one registration per browser, whatever the number of tabs. Its element is never swapped,
 * so that a call outlives every navigation inside the desk. `data-phone-state` and the byte counters say how it stands.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["standing", "answer", "hold", "resume", "hangup", "open", "audio", "volume", "notice", "explanation"];
  static override values = { credentials: String, socket: String, words: Object, explanations: Object };

  declare readonly standingTargets: HTMLElement[];
  declare readonly answerTargets: HTMLElement[];
  declare readonly holdTargets: HTMLElement[];
  declare readonly resumeTargets: HTMLElement[];
  declare readonly hangupTargets: HTMLElement[];
  declare readonly openTargets: HTMLElement[];
  declare readonly audioTarget: HTMLAudioElement;
  declare readonly credentialsValue: string;
  declare readonly socketValue: string;
  declare readonly wordsValue: Record<Standing, string>;
  declare readonly explanationsValue: Partial<Record<Standing, string>>;
  declare readonly noticeTarget: HTMLElement;
  declare readonly explanationTarget: HTMLElement;

  private agent?: UA;
  private session?: RTCSession;
  private call = "";
  private standing: Standing = "off";
  private readonly ringtone = new Ringtone();
  private leaving = new AbortController();
  private refusals = 0;
  private meter?: number;

  override connect(): void {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    window.addEventListener("beforeunload", this.keepTalking, { signal });
    document.body.addEventListener("live:ring", this.told, { signal });
    this.say("connecting");
    if (!("locks" in navigator)) return void this.start();
    const hold = () => this.start().then(() => new Promise<void>((release) => signal.addEventListener("abort", () => release())));
    void navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (lock) await hold();
      return lock !== null;
    }).then((held) => {
      if (held || signal.aborted) return;
      this.say("elsewhere");
      navigator.locks.request(LOCK, { signal }, hold).catch(() => undefined);
    });
  }

  override disconnect(): void {
    this.leaving.abort();
    this.ringtone.stop();
    this.close();
  }

  standingTargetConnected(): void { this.paint(); }
  answerTargetConnected(): void { this.paint(); }
  holdTargetConnected(): void { this.paint(); }
  openTargetConnected(): void { this.paint(); }
  volumeTargetConnected(slider: HTMLInputElement): void { slider.value = String(this.ringtone.volume); }

  async open(): Promise<void> {
    this.refusals = 0;
    await this.start();
  }

  /** After a fragment was swapped in, its buttons follow the telephone again. */
  repaint(): void {
    this.paint();
    leaveWithdrawnCall();
  }

  answer(): void {
    if (!this.session || this.session.isEstablished() || this.session.isEnded()) return;
    this.ringtone.stop();
    this.session.answer({ mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [], bundlePolicy: "max-bundle" } });
    this.paint();
  }

  hold(): void {
    this.session?.hold();
  }

  resume(): void {
    this.session?.unhold();
  }

  hangup(): void {
    if (this.session && !this.session.isEnded()) this.session.terminate();
  }

  louder(event: Event): void {
    this.ringtone.volume = Number((event.target as HTMLInputElement).value);
    this.ringtone.once();
  }

  private readonly told = (event: Event): void => {
    void showRinging((event as CustomEvent<{ subject: string }>).detail.subject);
  };

  private readonly keepTalking = (event: BeforeUnloadEvent): void => {
    if (this.session?.isEstablished()) event.preventDefault();
  };

  private async start(): Promise<void> {
    if (this.agent) return;
    if (!(await this.microphone())) return;
    this.say("connecting");
    const credentials = await this.issue();
    if (!credentials) return;
    const library = await import("jssip").catch(() => undefined);
    if (!library) return this.say("lost"); // a page older than the server's files: it says so, a reload mends it
    const { UA: Agent, WebSocketInterface } = library;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const agent = new Agent({
      sockets: [new WebSocketInterface(`${scheme}//${location.host}${this.socketValue}`)],
      uri: `sip:${credentials.username}@${credentials.realm}`,
      password: credentials.password,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 15,
    });
    agent.on("registered", () => { this.refusals = 0; this.say("registered"); });
    agent.on("disconnected", () => this.say("lost"));
    agent.on("registrationFailed", ({ response }: { response?: { status_code: number } }) => {
      if (FORBIDDEN.includes(response?.status_code ?? 0)) void this.refused(agent);
      else this.say("lost");
    });
    agent.on("newRTCSession", (event: unknown) => this.arriving(event as IncomingRTCSessionEvent));
    this.agent = agent;
    agent.start();
  }

  /** The browser asks for the microphone before the first call, not during it. */
  private async microphone(): Promise<boolean> {
    if (!navigator.mediaDevices) {
      this.say("denied");
      return false;
    }
    this.say("microphone");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
      return true;
    } catch {
      this.say("denied");
      return false;
    }
  }

  private async issue(): Promise<Credentials | undefined> {
    try {
      const answer = await fetch(this.credentialsValue, { method: "POST", headers: headers() });
      if (answer.ok && !answer.redirected) return (await answer.json()) as Credentials;
      this.say("revoked");
    } catch {
      this.say("lost");
      window.setTimeout(() => void this.start(), RETRY_MS);
    }
    return undefined;
  }

  /**
   * The telephone engine learns new credentials a moment after they are issued: ask again. Refused for longer, they
   * have expired and are renewed once; refused still, the telephone has been closed by the bureau.
   */
  private async refused(agent: UA): Promise<void> {
    if (agent !== this.agent) return;
    this.refusals += 1;
    if (this.refusals === REFUSALS_BEFORE_GIVING_UP) {
      this.close();
      this.say("revoked");
    } else if (this.refusals === REFUSALS_BEFORE_RENEWAL) {
      this.close();
      await this.start();
    } else {
      this.say(this.refusals < REFUSALS_BEFORE_RENEWAL ? "connecting" : "lost");
      window.setTimeout(() => { if (agent === this.agent && agent.isConnected()) agent.register(); }, REGISTER_AGAIN_MS);
    }
  }

  private close(): void {
    this.agent?.stop();
    this.agent = undefined;
  }

  private arriving({ session, request, originator }: IncomingRTCSessionEvent): void {
    if (originator !== ("remote" as typeof originator)) return;
    if (this.session && !this.session.isEnded()) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    this.call = request.getHeader("X-Permanence-Call") ?? "";
    for (const event of ["accepted", "confirmed", "hold", "unhold"] as const) session.on(event, () => this.paint());
    session.on("icecandidate", ({ ready }) => window.setTimeout(ready, ICE_PATIENCE_MS));
    session.on("peerconnection", ({ peerconnection }) => this.listen(peerconnection as unknown as RTCPeerConnection));
    for (const event of ["ended", "failed"] as const) session.on(event, () => this.over());
    void this.ring(session);
  }

  /** The ring waits for the card, and never more than a second. */
  private async ring(session: RTCSession): Promise<void> {
    const patience = new Promise<void>((resolve) => window.setTimeout(resolve, CARD_PATIENCE_MS));
    if (this.call) await Promise.race([showCall(this.call).catch(() => undefined), patience]);
    if (this.session === session && !session.isEstablished() && !session.isEnded()) this.ringtone.start();
    this.paint();
  }

  private listen(connection: RTCPeerConnection): void {
    connection.addEventListener("track", (event) => { this.audioTarget.srcObject = event.streams[0] ?? null; });
    this.meter = window.setInterval(() => void this.measure(connection), 1000);
  }

  private async measure(connection: RTCPeerConnection): Promise<void> {
    (await connection.getStats()).forEach((line: { type: string; bytesReceived?: number; bytesSent?: number }) => {
      if (line.type === "inbound-rtp") this.element.dataset.remoteBytes = String(line.bytesReceived ?? 0);
      if (line.type === "outbound-rtp") this.element.dataset.localBytes = String(line.bytesSent ?? 0);
    });
  }

  private over(): void {
    this.ringtone.stop();
    clearInterval(this.meter);
    this.session = undefined;
    this.audioTarget.srcObject = null;
    this.paint();
  }

  private say(standing: Standing): void {
    this.standing = standing;
    this.paint();
  }

  private get phase(): string {
    if (!this.session || this.session.isEnded()) return this.standing;
    if (!this.session.isEstablished()) return this.session.isInProgress() && !this.session.connection?.localDescription ? "ringing" : "answering";
    return this.session.isOnHold().local ? "held" : "talking";
  }

  private paint(): void {
    const { phase } = this;
    this.element.dataset.phoneState = phase;
    this.element.dataset.phoneCall = this.session ? this.call : "";
    for (const words of this.standingTargets) {
      if (words.textContent !== this.wordsValue[this.standing]) words.textContent = this.wordsValue[this.standing];
      words.dataset.standing = this.standing;
    }
    const explanation = this.explanationsValue[this.standing] ?? "";
    if (this.explanationTarget.textContent !== explanation) this.explanationTarget.textContent = explanation;
    this.noticeTarget.hidden = explanation === "";
    reveal(this.answerTargets, phase === "ringing");
    reveal(this.holdTargets, phase === "talking");
    reveal(this.resumeTargets, phase === "held");
    reveal(this.hangupTargets, ["ringing", "answering", "talking", "held"].includes(phase));
    reveal(this.openTargets, ["denied", "revoked"].includes(this.standing));
  }
}

function reveal(elements: HTMLElement[], shown: boolean): void {
  for (const element of elements) element.hidden = !shown;
}
