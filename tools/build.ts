/** `npm run build`: the app in dist/, ready for any static host. */
import { buildApp } from '../src/devnet/build-app.ts';
import { bundleSize } from './bundle-size.ts';

const dist = await buildApp();
const { shellJsGzip, totalGzip } = await bundleSize(dist);
console.log(`${dist}: ${totalGzip} bytes gzipped, ${shellJsGzip} of them to show the shell`);
