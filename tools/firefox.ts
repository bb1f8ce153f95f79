/** A Firefox for the one ride that shows that the app is not Chromium's alone. */
import { installFromDebian, program } from './installing.ts';

/**
 * Settings of Firefox under test. Pages on one machine find each other by its own addresses, as two phones on one network do by
 * theirs: Firefox would leave them out (loopback) or hide them behind names that need multicast.
 */
export const FIREFOX_SETTINGS: Readonly<Record<string, boolean>> = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
};

/** Path of a Firefox that runs: FIREFOX_PATH, the system's, or Debian's installed now; null where there is none to be had. */
export function ensureFirefox(): string | null {
  const chosen = process.env.FIREFOX_PATH;
  if (chosen !== undefined) return chosen === '' ? null : chosen;
  const found = systemFirefox() ?? installed() ?? null;
  process.env.FIREFOX_PATH = found ?? ''; // processes started by this one need not look again
  return found;
}

function systemFirefox(): string | undefined {
  return program(['firefox-esr', 'firefox'], ['/Applications/Firefox.app/Contents/MacOS/firefox']);
}

function installed(): string | undefined {
  console.error('Installing Firefox (once) ...');
  return installFromDebian(['firefox-esr']) ? systemFirefox() : undefined;
}
