/** Turns fingers, wheel and keys on an element into what a map understands. Positions are CSS px from its top left. */
export interface Gestures {
  readonly pan: (dx: number, dy: number) => void;
  /** Zoom by `steps` (1 doubles), keeping (x, y) in place. */
  readonly zoom: (steps: number, x: number, y: number) => void;
  readonly tap: (x: number, y: number) => void;
  /** px an arrow key moves. */
  readonly stride: () => number;
}

interface Finger {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** A finger that moved less than this (px) tapped. */
const tapPx = 8;
const wheelPx = 240;

/** Returns what stops it. */
export function listenForGestures(element: HTMLElement, gestures: Gestures): () => void {
  const ending = new AbortController();
  const on = <Kind extends keyof HTMLElementEventMap>(
    kind: Kind,
    listener: (event: HTMLElementEventMap[Kind]) => void,
  ) => {
    element.addEventListener(kind, listener, { signal: ending.signal, passive: false });
  };
  let fingers: readonly Finger[] = [];
  let tapping: Finger | null = null;

  const fingerOf = ({ pointerId, clientX, clientY }: PointerEvent): Finger => {
    const box = element.getBoundingClientRect();
    return { id: pointerId, x: clientX - box.left, y: clientY - box.top };
  };

  on('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    const finger = fingerOf(event);
    fingers = [...fingers.filter(({ id }) => id !== finger.id), finger];
    tapping = fingers.length === 1 ? finger : null;
  });

  on('pointermove', (event) => {
    const now = fingerOf(event);
    const before = fingers.find(({ id }) => id === now.id);
    if (!before) return;
    const other = fingers.find(({ id }) => id !== now.id);
    fingers = fingers.map((finger) => (finger.id === now.id ? now : finger));
    if (other) {
      const grown = apart(now, other) / apart(before, other);
      gestures.zoom(Math.log2(grown), (now.x + other.x) / 2, (now.y + other.y) / 2);
      return;
    }
    if (tapping && apart(now, tapping) > tapPx) tapping = null;
    if (!tapping) gestures.pan(now.x - before.x, now.y - before.y);
  });

  on('pointerup', (event) => {
    fingers = fingers.filter(({ id }) => id !== event.pointerId);
    if (tapping) gestures.tap(tapping.x, tapping.y);
    tapping = null;
  });

  on('pointercancel', (event) => {
    fingers = fingers.filter(({ id }) => id !== event.pointerId);
    tapping = null;
  });

  on('wheel', (event) => {
    event.preventDefault();
    const steps = Math.max(-1, Math.min(1, -event.deltaY / wheelPx));
    gestures.zoom(steps, event.offsetX, event.offsetY);
  });

  on('keydown', (event) => {
    const move = keys(element, gestures)[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });

  return () => {
    ending.abort();
  };
}

function keys(element: HTMLElement, gestures: Gestures): Record<string, () => void> {
  const [x, y] = [element.clientWidth / 2, element.clientHeight / 2];
  const stride = gestures.stride();
  return {
    ArrowLeft: () => gestures.pan(stride, 0),
    ArrowRight: () => gestures.pan(-stride, 0),
    ArrowUp: () => gestures.pan(0, stride),
    ArrowDown: () => gestures.pan(0, -stride),
    '+': () => gestures.zoom(1, x, y),
    '=': () => gestures.zoom(1, x, y),
    '-': () => gestures.zoom(-1, x, y),
    Enter: () => gestures.tap(x, y),
  };
}

function apart(a: Finger, b: Finger): number {
  return Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
}
