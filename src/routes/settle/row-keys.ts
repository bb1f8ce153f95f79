/**
 * Arrow keys (and j, k) move between the rows of a desk: to each row's first `data-row` control. At an edge `beyond` is told, so
 * that a paged list can turn its page.
 */
export function rowKeys(body: HTMLElement): () => void {
  return rowKeysWith(() => undefined)(body);
}

export function rowKeysWith(beyond: (step: number) => void): (body: HTMLElement) => () => void {
  return (body) => {
    const onKey = (event: KeyboardEvent): void => {
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
      if (step === undefined) return;
      const rows = [...body.querySelectorAll<HTMLElement>('[data-row]')];
      const row = document.activeElement?.closest('tr, li');
      const present = row?.querySelector<HTMLElement>('[data-row]');
      const next = rows[(present ? rows.indexOf(present) : -1) + step];
      event.preventDefault();
      if (next) next.focus();
      else beyond(step);
    };
    body.addEventListener('keydown', onKey);
    return () => {
      body.removeEventListener('keydown', onKey);
    };
  };
}
