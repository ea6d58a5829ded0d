// Sorts, filters and unfolds. Everything that it shows is on the page without it.
(() => {
  'use strict';
  const body = document.querySelector('#layers tbody');
  const headers = [...document.querySelectorAll('#layers th[aria-sort]')];
  const rows = [...body.rows];
  const folded = [...document.querySelectorAll('details.layer')];

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.key === undefined) return cell.textContent;
    return cell.dataset.key === '' ? null : Number(cell.dataset.key);
  };

  // What has no number comes last in both directions; equal rows keep their execution order.
  const compare = (a, b, sign) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === 'string') return sign * a.localeCompare(b, 'en', { numeric: true });
    return a === b ? 0 : a < b ? -sign : sign;
  };

  const sortBy = (column) => {
    const ascending = headers[column].getAttribute('aria-sort') !== 'ascending';
    headers.forEach((th, i) => th.setAttribute('aria-sort', i !== column ? 'none' : ascending ? 'ascending' : 'descending'));
    body.append(...[...rows].sort((a, b) => compare(keyOf(a, column), keyOf(b, column), ascending ? 1 : -1)));
  };
  headers.forEach((th, i) => th.querySelector('button').addEventListener('click', () => sortBy(i)));

  const filter = document.querySelector('#filter');
  const applyFilter = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.cells[1].textContent.toLowerCase().includes(wanted);
    const shown = rows.filter(row => !row.hidden).length;
    document.querySelector('#shown').textContent = shown === rows.length ? '' : `${shown} of ${rows.length} layers`;
  };
  filter.addEventListener('input', applyFilter);

  const foldAll = (open) => folded.forEach(layer => { layer.open = open; });
  document.querySelector('#unfold').addEventListener('click', () => foldAll(true));
  document.querySelector('#fold').addEventListener('click', () => foldAll(false));

  // Younger browsers unfold the target of a link by themselves; the others need this.
  const unfoldTarget = () => {
    const layer = document.getElementById(location.hash.slice(1))?.closest('details');
    if (layer && !layer.open) {
      layer.open = true;
      layer.scrollIntoView();
    }
  };
  addEventListener('hashchange', unfoldTarget);
  unfoldTarget();

  // Paper cannot be clicked: it gets everything, and the screen its state back.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = folded.filter(layer => !layer.open);
    foldAll(true);
  });
  addEventListener('afterprint', () => opened.forEach(layer => { layer.open = false; }));

  document.documentElement.classList.add('live');
  document.querySelectorAll('.tools').forEach(tools => { tools.hidden = false; });
  applyFilter();
})();
