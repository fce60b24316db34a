import { Controller } from "@hotwired/stimulus";
import { serverNow } from "../shared/server_clock";

/** A running clock, « 02:37 », since an instant of the server's: <span data-controller="clock" data-clock-since-value>. */
export default class extends Controller<HTMLElement> {
  static override values = { since: String };

  declare readonly sinceValue: string;
  private timer?: number;

  override connect(): void {
    this.tick();
    this.timer = window.setInterval(() => this.tick(), 1000);
  }

  override disconnect(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const seconds = Math.max(0, Math.floor((serverNow() - Date.parse(this.sinceValue)) / 1000));
    const two = (figure: number) => String(figure).padStart(2, "0");
    const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    this.element.textContent = hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
  }
}
