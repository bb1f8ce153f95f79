/**
 * The one door through which a script URL reaches the browser: the pages are served with Trusted Types, so workers are
 * started from `trustedScriptUrl(url)` and from nothing else. One policy per thread, allowed by the served headers.
 */
interface ScriptUrlPolicy {
  createScriptURL(url: string): unknown;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrlPolicy;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy('app-url', { createScriptURL: sameOrigin });

/** A same-origin script URL (relative ones count from the page or worker), fit for `new Worker` and `register`. */
export function trustedScriptUrl(url: string): string {
  // Typed as the string it stands for: the DOM's types do not know Trusted Types.
  return (policy?.createScriptURL(url) as string | undefined) ?? sameOrigin(url);
}

function sameOrigin(url: string): string {
  const absolute = new URL(url, location.href);
  if (absolute.origin !== location.origin) throw new TypeError(`Not a script of ours: ${absolute}`);
  return absolute.href;
}
