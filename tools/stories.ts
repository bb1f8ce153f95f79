/** `npm run stories`: compares the stories' transcripts with what happens now; `-- --write` (WRITE_STORIES) rewrites them. */
import { conclude, vitest } from './commands.ts';

const write = process.argv.includes('--write');
conclude(await vitest('unit', ['tests/stories'], write ? { WRITE_STORIES: '1' } : {}));
