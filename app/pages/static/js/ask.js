// What a panel's targets answer over the range that is shown: for inspecting and for files.

/**
 * @param {string} root @param {any} boot @param {number} panelId @param {[number, number]} range @param {number} points
 * @returns {Promise<Record<string, any>>} answers by their target's ref; Error with what a person can read
 */
export async function askPanel(root, boot, panelId, range, points) {
  const variables = Object.fromEntries(boot.variables.map((/** @type {any} */ one) => [one.name, one.multi ? one.current : one.current[0] ?? ""]).filter((/** @type {any} */ one) => one[1].length));
  const body = { dashboard_id: boot.dashboard_id, panel_id: panelId, variables, from: Math.round(range[0]), to: Math.round(range[1]), max_points: points, inspect: true };
  const answer = await fetch(`${root}/api/v1/query`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(document.detail ?? document.title ?? `The server answered ${answer.status}`);
  return document.results ?? {};
}
