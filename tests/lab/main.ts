/** The lab inside the public segment, where `tools/lab.ts` starts it with its own arguments when phones are to be behind routers. */
import { parseLab } from './options.ts';
import { runLab } from './run.ts';

const options = parseLab(process.argv.slice(2));
process.exit(options === null ? 0 : await runLab(options));
