// Addresses that a person may be sent to: of this server, of the web, of mail; nothing that runs.

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** The address, or an empty text where it is none to be followed. @param {string|null|undefined} url */
export function safeLink(url) {
  if (!url) return "";
  try {
    const parsed = new URL(url, location.href);
    return SCHEMES.has(parsed.protocol) ? parsed.href : "";
  } catch {
    return "";
  }
}
