/** The headers of a write: the page's own anti-forgery token. */
export function headers(): Record<string, string> {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
}
