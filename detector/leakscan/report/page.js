'use strict';
(() => {
  for (const details of document.querySelectorAll('details')) {
    window.addEventListener('beforeprint', () => { details.open = true; });
  }
  const table = document.getElementById('secrets-table');
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, row => ({row, text: row.textContent.toLowerCase()}));
  const tools = document.getElementById('tools');
  const words = document.getElementById('words');
  const order = document.getElementById('order');
  const boxes = Array.from(tools.querySelectorAll('input[type=checkbox]'));
  const shown = document.getElementById('shown');

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(boxes.filter(box => box.checked).map(box => box.value));
    let count = 0;
    for (const {row, text} of rows) {
      row.hidden = !severities.has(row.dataset.level) || !wanted.every(word => text.includes(word));
      if (!row.hidden) count++;
    }
    shown.textContent = count === rows.length ? '' : count + ' of ' + rows.length + ' shown';
  }

  function key(row, name) {
    const value = row.dataset[name];
    return name === 'rule' ? value : value === undefined || value === '' ? -Infinity : Number(value);
  }

  function sort(name, descending) {
    const factor = descending ? -1 : 1;
    rows.sort((a, b) => {
      const x = key(a.row, name), y = key(b.row, name);
      return x < y ? -factor : x > y ? factor : Number(a.row.dataset.place) - Number(b.row.dataset.place);
    });
    body.append(...rows.map(({row}) => row));
    for (const head of heads) {
      if (head.dataset.sort === name) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    const value = name + (descending ? ' down' : ' up');
    order.value = Array.from(order.options).some(option => option.value === value) ? value : '';
  }

  const heads = Array.from(table.tHead.querySelectorAll('th[data-sort]'));
  for (const head of heads) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    button.addEventListener('click', () => {
      const first = head.dataset.sort !== 'rule' && head.dataset.sort !== 'first';
      const now = head.getAttribute('aria-sort');
      sort(head.dataset.sort, now === null ? first : now === 'ascending');
    });
    head.replaceChildren(button);
  }
  order.addEventListener('change', () => {
    const [name, direction] = order.value.split(' ');
    if (name) sort(name, direction === 'down');
  });
  words.addEventListener('input', filter);
  for (const box of boxes) box.addEventListener('change', filter);
  tools.hidden = false;
  sort('severity', true);
  filter();
})();
