import { Controller } from "@hotwired/stimulus";
import type { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import { headers } from "../shared/sending";

type Credentials = { username: string; password: string; realm: string };
type Standing = "idle" | "calling" | "ringing" | "talking" | "ended" | "refused" | "offline" | "microphone";

const REGISTRATION_MS = 8000;
const AGAIN_MS = 500;
const ICE_PATIENCE_MS = 300;

/** The demonstration's caller: one outgoing call at a time to one of its lines. `data-phone-state` says how it stands. */
export default class extends Controller<HTMLElement> {
  static override targets = ["state", "hangup", "audio"];
  static override values = { credentials: String, words: Object };

  declare readonly stateTarget: HTMLElement;
  declare readonly hangupTarget: HTMLButtonElement;
  declare readonly audioTarget: HTMLAudioElement;
  declare readonly credentialsValue: string;
  declare readonly wordsValue: Record<Standing, string>;

  private agent?: Promise<UA>;
  private session?: RTCSession;

  override connect(): void {
    this.say("idle");
  }

  override disconnect(): void {
    void this.agent?.then((agent) => agent.stop());
  }

  async call(event: Event): Promise<void> {
    if (this.session && !this.session.isEnded()) return;
    const number = (event.currentTarget as HTMLElement).dataset.number ?? "";
    this.say("calling");
    try {
      (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks().forEach((track) => track.stop());
    } catch {
      this.say("microphone");
      return;
    }
    try {
      this.agent ??= this.register();
      this.follow((await this.agent).call(`sip:${number}@${location.hostname}`, {
        mediaConstraints: { audio: true, video: false },
        pcConfig: { iceServers: [], bundlePolicy: "max-bundle" },
      }));
    } catch {
      this.agent = undefined;
      this.say("offline");
    }
  }

  hangup(): void {
    if (this.session && !this.session.isEnded()) this.session.terminate();
  }

  private async register(): Promise<UA> {
    const answer = await fetch(this.credentialsValue, { method: "POST", headers: headers() });
    if (!answer.ok) throw new Error(String(answer.status));
    const { username, password, realm } = (await answer.json()) as Credentials;
    const { UA: Agent, WebSocketInterface } = await import("jssip");
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const agent = new Agent({
      sockets: [new WebSocketInterface(`${scheme}//${location.host}/phone/ws`)],
      uri: `sip:${username}@${realm}`,
      password,
      session_timers: false,
    });
    return new Promise((resolve, reject) => {
      const late = window.setTimeout(() => { agent.stop(); reject(new Error("late")); }, REGISTRATION_MS);
      agent.on("registered", () => { clearTimeout(late); resolve(agent); });
      agent.on("registrationFailed", () => window.setTimeout(() => agent.isConnected() && agent.register(), AGAIN_MS));
      agent.start();
    });
  }

  private follow(session: RTCSession): void {
    this.session = session;
    session.on("progress", () => this.say("ringing"));
    session.on("confirmed", () => this.say("talking"));
    session.on("ended", () => this.say("ended"));
    session.on("failed", () => this.say("refused"));
    session.on("icecandidate", ({ ready }) => window.setTimeout(ready, ICE_PATIENCE_MS));
    session.connection?.addEventListener("track", (event) => { this.audioTarget.srcObject = event.streams[0] ?? null; });
  }

  private say(standing: Standing): void {
    this.stateTarget.textContent = this.wordsValue[standing];
    this.element.dataset.phoneState = standing;
    this.hangupTarget.hidden = !["calling", "ringing", "talking"].includes(standing);
  }
}
