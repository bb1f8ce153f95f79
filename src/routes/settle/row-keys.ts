/** Arrow keys (and j, k) move between the rows of a desk's table: to each row's first `data-row` control. */
export function rowKeys(body: HTMLElement): () => void {
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined) return;
    const rows = [...body.querySelectorAll<HTMLElement>('[data-row]')];
    const present = document.activeElement?.closest('tr')?.querySelector<HTMLElement>('[data-row]');
    const next = rows[(present ? rows.indexOf(present) : -1) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  body.addEventListener('keydown', onKey);
  return () => {
    body.removeEventListener('keydown', onKey);
  };
}
