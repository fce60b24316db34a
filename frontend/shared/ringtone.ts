const VOLUME = "permanence:ring-volume";
const EVERY_MS = 3000;
const NOTES = [[659, 0], [784, 0.18], [659, 0.36]] as const;

/** The ring, made in the page: three soft notes every three seconds, at the volume that this machine remembers. */
export class Ringtone {
  private context?: AudioContext;
  private timer?: number;

  get volume(): number {
    return Number(localStorage.getItem(VOLUME) ?? 60);
  }

  set volume(percent: number) {
    localStorage.setItem(VOLUME, String(percent));
  }

  start(): void {
    if (this.timer !== undefined) return;
    this.once();
    this.timer = window.setInterval(() => this.once(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  once(): void {
    if (this.volume === 0) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    const begin = this.context.currentTime;
    for (const [hertz, after] of NOTES) this.note(this.context, hertz, begin + after);
  }

  private note(context: AudioContext, hertz: number, at: number): void {
    const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz });
    const loudness = new GainNode(context, { gain: 0 });
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime((this.volume / 100) * 0.4, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.65);
  }
}
