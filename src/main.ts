/** The page's entry: the words of the reader's language first, then the screens that say them. */
import { speak } from './lib/app/i18n/language.ts';
import './app.css';

async function open(target: HTMLElement): Promise<void> {
  await speak(window);
  const { show } = await import('./show.ts');
  show(target, async (how) => (await import('./lib/app/start-node.ts')).startNode(how));
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
void open(target);
