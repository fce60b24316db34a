import { Controller } from "@hotwired/stimulus";

/**
 * Keys declared on the elements themselves: data-key="F2", "Control+Enter", "Alt+l", "1".
 * The key presses the element, or focuses it when it is a field. A key without Control or Alt that writes something
 * (letters, digits, Space) is silent while a field has the focus. `?` lists the keys of the page.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["list"];
  static override values = { names: Object };

  declare readonly listTarget: HTMLElement;
  declare readonly hasListTarget: boolean;
  declare readonly namesValue: Record<string, string>;

  override connect(): void {
    document.addEventListener("keydown", this.press);
  }

  override disconnect(): void {
    document.removeEventListener("keydown", this.press);
  }

  /** Shows the keys of this page, as their elements name themselves. */
  legend(): void {
    if (!this.hasListTarget) return;
    const rows = this.reachable().map((element) => {
      const row = document.createElement("div");
      const key = row.appendChild(document.createElement("dt"));
      for (const part of (element.dataset.key ?? "").split("+")) {
        const cap = key.appendChild(document.createElement("kbd"));
        cap.textContent = this.namesValue[part] ?? (part.length === 1 ? part.toUpperCase() : part);
      }
      row.appendChild(document.createElement("dd")).textContent = nameOf(element);
      return row;
    });
    this.listTarget.replaceChildren(...rows);
    this.listTarget.closest("dialog")?.showModal();
  }

  private readonly press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const writes = !event.ctrlKey && !event.altKey && !event.metaKey && event.key.length === 1;
    if (writes && (isField(event.target) || (event.key === " " && isTicked(event.target)))) return;
    const names = combinations(event);
    const found = this.reachable().find((element) => names.includes((element.dataset.key ?? "").toLowerCase()));
    if (found) {
      event.preventDefault();
      use(found);
    } else if (event.key === "?" && writes) {
      event.preventDefault();
      this.legend();
    }
  };

  /** What can be pressed now: visible, enabled, and inside the open dialog when there is one. */
  private reachable(): HTMLElement[] {
    const scope = [...document.querySelectorAll<HTMLElement>("dialog:modal")].pop() ?? document;
    return [...scope.querySelectorAll<HTMLElement>("[data-key]")].filter(
      (element) => !element.matches(":disabled, [aria-disabled=true]") && (element.checkVisibility() || isInClosedMenu(element)),
    );
  }
}

/** data-key-through: the key works although the menu that holds the element is closed. */
function isInClosedMenu(element: HTMLElement): boolean {
  return "keyThrough" in element.dataset && element.closest("details")?.checkVisibility() === true;
}

/** The ways in which one press may be written; on French keyboards the digits stand behind « & é " ' ». */
function combinations(event: KeyboardEvent): string[] {
  const held = (event.ctrlKey || event.metaKey ? "control+" : "") + (event.altKey ? "alt+" : "");
  const names = [held + event.key.toLowerCase()];
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  if (digit && !event.shiftKey) names.push(held + digit);
  if (event.altKey && event.code.startsWith("Key")) names.push(held + event.code.slice(3).toLowerCase());
  if (event.shiftKey && event.key.length > 1) names.unshift(`${held}shift+${event.key.toLowerCase()}`);
  return names;
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"))
  );
}

/** Space ticks boxes. A button left with the focus does not keep it from answering: a call that rings comes first. */
function isTicked(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, [role=radio]");
}

function use(element: HTMLElement): void {
  if (isField(element)) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  } else {
    element.click();
  }
}

function nameOf(element: HTMLElement): string {
  const label = element instanceof HTMLInputElement && element.labels?.[0] ? withoutKeys(element.labels[0]) : null;
  const words = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? label ?? withoutKeys(element);
  return words.replace(/\s+/g, " ").trim();
}

function withoutKeys(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const key of copy.querySelectorAll("kbd, .count, .vh")) key.remove();
  return copy.textContent ?? "";
}
