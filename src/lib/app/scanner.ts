/** Reads QR codes with what the browser has: BarcodeDetector and the camera, or a picture. Nothing leaves the device. */
interface Detector {
  detect(image: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}

type DetectorClass = new (options: { readonly formats: readonly string[] }) => Detector;

export function canScan(): boolean {
  return 'BarcodeDetector' in globalThis;
}

function detector(): Detector {
  const { BarcodeDetector } = globalThis as unknown as { BarcodeDetector: DetectorClass };
  return new BarcodeDetector({ formats: ['qr_code'] });
}

export async function readPicture(picture: Blob): Promise<string | null> {
  try {
    const [code] = await detector().detect(await createImageBitmap(picture));
    return code?.rawValue ?? null;
  } catch {
    return null;
  }
}

/** ms between looks: often enough for a hand that shakes. */
const lookMs = 200;

/** Shows the camera in `video` and calls `found` with each code until the returned function ends it. Null without a camera. */
export async function watchCamera(
  video: HTMLVideoElement,
  found: (text: string) => void,
): Promise<(() => void) | null> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch {
    return null;
  }
  let over = false;
  video.srcObject = stream;
  await video.play().catch(() => undefined);
  const reading = detector();
  const look = async () => {
    if (over) return;
    const codes = await reading.detect(video).catch(() => []);
    for (const { rawValue } of codes) if (!over) found(rawValue);
    setTimeout(() => void look(), lookMs);
  };
  void look();
  return () => {
    over = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
}
