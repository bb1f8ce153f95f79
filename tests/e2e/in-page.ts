/** What tests run inside a page, in any browser: each function is sent there as its text, so none uses another. */

/** Runs before the app: libp2p takes RTCPeerConnection as it finds it. */
export function watchConnections(): void {
  const scope = globalThis as unknown as { seenConnections: RTCPeerConnection[] };
  scope.seenConnections = [];
  const Original = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      scope.seenConnections.push(this);
    }
  };
}

/** Runs before the app: no way can be punched, as behind a router that gives each destination another port. */
export function neverPunch(): void {
  const Original = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' });
    }
  };
}

/** Runs before the app: a node that stopped for good is an error of the page, as a screen that failed is. */
export function watchNode(): void {
  new MutationObserver((_changes, self) => {
    const failure = document.querySelector('[data-testid="start-failed"]');
    if (failure === null) return;
    self.disconnect();
    reportError(new Error(`the node stopped: ${failure.textContent}`));
  }).observe(document, { subtree: true, childList: true });
}

/** Connections that `watchConnections` saw and that are direct: between two hosts, with bytes both ways. */
export async function countDirect(): Promise<number> {
  const seen = (globalThis as unknown as { seenConnections: RTCPeerConnection[] }).seenConnections;
  let direct = 0;
  for (const connection of seen) {
    if (connection.connectionState !== 'connected') continue;
    const stats = [...(await connection.getStats()).values()] as Record<string, unknown>[];
    const kind = (candidate: unknown) => stats.find((stat) => stat.id === candidate)?.candidateType;
    // Where packets are lost, a pair may be nominated that then goes unused.
    const isDirect = stats.some(
      (pair) =>
        pair.type === 'candidate-pair' &&
        pair.state === 'succeeded' &&
        pair.nominated === true &&
        ![pair.localCandidateId, pair.remoteCandidateId].map(kind).includes('relay') &&
        Number(pair.bytesSent) > 0 &&
        Number(pair.bytesReceived) > 0,
    );
    if (isDirect) direct++;
  }
  return direct;
}

/** Sends the page's node a command. */
export function sendCommand(command: object): void {
  (globalThis as unknown as { gigGossip: { send(command: object): void } }).gigGossip.send(command);
}

/** What is wrong with the screen shown for whoever cannot see it, enlarges it, or has a narrow one. */
export function flawsOfScreen(): string[] {
  const flaws: string[] = [];
  if (document.documentElement.lang === '') flaws.push('no language');
  const titles = document.querySelectorAll('h1').length;
  if (titles !== 1) flaws.push(`${titles} titles`);
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size < ids.length) flaws.push('an id that two elements have');
  const beyond = document.documentElement.scrollWidth - window.innerWidth;
  if (beyond > 0) flaws.push(`${beyond} px too wide`);
  for (const control of document.querySelectorAll('a, button, summary, input, select, textarea')) {
    const isField = 'labels' in control && !(control instanceof HTMLButtonElement);
    const labels = isField ? [...((control as HTMLInputElement).labels ?? [])] : [control];
    const names = [control.getAttribute('aria-label'), ...labels.map((label) => label.textContent)];
    if (!names.some((name) => name?.trim())) flaws.push(`no name: ${control.outerHTML}`);
  }
  return flaws;
}
