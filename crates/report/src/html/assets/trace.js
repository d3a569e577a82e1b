// The trace view: a step's tree, on hover, click or arrow keys. All text becomes text nodes.
'use strict';
(() => {
  const root = document.documentElement;
  let errors = 0;
  addEventListener('error', () => { root.dataset.errors = String(++errors); });
  root.classList.add('script');

  const source = document.getElementById('trace-data');
  const panel = document.getElementById('step');
  const articles = [...document.querySelectorAll('.generation')];
  const chooser = document.getElementById('generation');
  const { traces, looks } = source ? JSON.parse(source.textContent) : { traces: [], looks: [] };
  let generation = 0;
  let current = 0;
  let pinned = false;

  function make(name, attributes = {}, ...children) {
    const svg = ['svg', 'g', 'path', 'rect', 'text', 'tspan'].includes(name);
    const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  // A token where white space must be seen.
  function visible(text, most = Infinity) {
    const shown = text.replace(/\n/g, '↵').replace(/\t/g, '⇥').replace(/ /g, '␣') || '∅';
    const letters = [...shown];
    return letters.length > most ? letters.slice(0, most - 1).join('') + '…' : shown;
  }

  const percent = (share) => (share < 0.0095 ? (share * 100).toFixed(1) : Math.round(share * 100)) + '%';
  const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const steps = () => articles[generation].querySelectorAll('.step');

  // Places of a tree's nodes: columns by depth, a row for each leaf, the accepted path on the first.
  function arrange(step) {
    const accepted = new Set(step.path);
    const nodes = step.nodes.map((node, index) => ({
      index, node, text: visible(node.text, 16), accepted: accepted.has(index), children: [], depth: 0, row: 0,
    }));
    nodes.slice(1).forEach((one) => {
      one.depth = nodes[one.node.parent].depth + 1;
      nodes[one.node.parent].children.push(one);
    });
    const end = nodes[step.path[step.path.length - 1]];
    if (end && step.emitted.length >= step.path.length) {
      const text = step.emitted[step.emitted.length - 1];
      const own = { node: { text, sources: [], parent: end.index }, text: visible(text, 16), own: true, accepted: true,
        children: [], depth: end.depth + 1, row: 0 };
      end.children.push(own);
      nodes.push(own);
    }
    let rows = 0;
    const place = (one) => {
      one.children.sort((a, b) => b.accepted - a.accepted);
      one.row = one.children.length ? Infinity : rows++;
      for (const child of one.children) one.row = Math.min(one.row, place(child));
      return one.row;
    };
    if (nodes.length) place(nodes[0]);
    const widths = [];
    for (const one of nodes) {
      one.width = Math.max(36, [...one.text].length * 8 + 18 + Math.min(2, one.node.sources.length) * 8 + (one.node.sources.length ? 4 : 0));
      widths[one.depth] = Math.max(widths[one.depth] || 0, one.width);
    }
    const starts = [1];
    widths.forEach((width, depth) => { starts[depth + 1] = starts[depth] + width + 20; });
    for (const one of nodes) { one.x = starts[one.depth]; one.y = one.row * 44 + 4; }
    return { nodes, width: starts[starts.length - 1] - 18, height: rows * 44 + 4 };
  }

  function drawTree(step, style) {
    const { nodes, width, height } = arrange(step);
    const label = `Tree of ${counted(step.nodes.length, 'node')}; the table below has all of them.`;
    const svg = make('svg', { class: 'tree', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label });
    const middle = (one) => one.y + 13;
    for (const one of nodes) {
      for (const child of one.children) {
        const [x1, y1, x2, y2] = [one.x + one.width, middle(one), child.x, middle(child)];
        const bend = Math.min(18, (x2 - x1) / 2);
        svg.append(make('path', { class: child.accepted ? 'edge accepted' : 'edge',
          d: `M${x1} ${y1}H${x2 - 2 * bend}C${x2 - bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}` }));
      }
    }
    for (const one of nodes) {
      const first = one.node.sources[0];
      const kind = one.own ? 'own' : one.index === 0 ? 'root' : one.accepted ? 'accepted' : 'rejected';
      const look = first === undefined ? '' : style[first].class;
      const group = make('g', { class: `node ${kind} ${look}` });
      const rounded = kind === 'accepted' ? 13 : kind === 'rejected' ? 4 : 0;
      group.append(make('rect', { x: one.x, y: one.y, width: one.width, height: 26, rx: rounded }));
      group.append(make('text', { x: one.x + 9, y: one.y + 17.5 }, one.text));
      if (first !== undefined) {
        const letters = one.node.sources.map((by) => style[by].letter).join('');
        group.append(make('text', { class: 'by', x: one.x + one.width - 8, y: one.y + 17.5 }, letters.slice(0, 2)));
        group.append(make('text', { class: 'chance', x: one.x + 9, y: one.y + 38 }, percent(one.node.probability)));
      }
      if (one.index !== undefined) {
        const row = () => panel.querySelectorAll('tbody tr')[one.index];
        group.addEventListener('mouseenter', () => row()?.classList.add('near'));
        group.addEventListener('mouseleave', () => row()?.classList.remove('near'));
      }
      svg.append(group);
    }
    return svg;
  }

  function table(step, trace) {
    const body = make('tbody');
    const accepted = new Set(step.path);
    step.nodes.forEach((node, index) => {
      const by = index === 0 ? 'the last token' : node.sources.map((by) => trace.sources[by]).join(', ') || 'unknown';
      const fate = index === 0 ? 'root' : accepted.has(index) ? '✓ kept' : 'dropped';
      const row = make('tr', accepted.has(index) ? { class: 'kept' } : {});
      row.append(make('td', {}, make('code', {}, visible(node.text))), make('td', {}, by),
        make('td', { class: 'figure' }, index === 0 ? '' : percent(node.probability)), make('td', {}, fate));
      body.append(row);
    });
    const head = ['token', 'guessed by', 'chance', 'then'];
    const titles = make('tr', {}, ...head.map((title, at) => make('th', at === 2 ? { scope: 'col', class: 'figure' } : { scope: 'col' }, title)));
    return make('div', { class: 'scroll nodes', tabindex: '0', role: 'region', 'aria-label': 'Nodes of the tree' },
      make('table', {}, make('thead', {}, titles), body));
  }

  // A bar for each step, as high as the tokens that came out.
  function drawRhythm(trace) {
    const most = Math.max(2, ...trace.steps.map((step) => step.emitted.length));
    const count = trace.steps.length;
    const svg = make('svg', { class: 'rhythm', viewBox: `0 0 ${count} ${most + 0.4}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    trace.steps.forEach((step, at) => {
      const height = step.emitted.length;
      svg.append(make('rect', { class: at === current ? 'here' : '', x: at + 0.08, y: most + 0.4 - height, width: 0.84, height }));
    });
    svg.addEventListener('click', (event) => {
      const box = svg.getBoundingClientRect();
      pinned = true;
      choose(Math.floor((event.clientX - box.left) / box.width * count));
    });
    return svg;
  }

  function sentence(step) {
    const guessed = Math.min(step.path.length - 1, step.emitted.length);
    const out = step.emitted.length;
    const own = out > guessed ? 'the last is the model’s own' : 'all were guessed';
    const fate = guessed === 0 ? 'none was guessed' : `${guessed} guessed, ${own}`;
    return `${counted(step.nodes.length, 'node')} verified, ${counted(out, 'token')} out: ${fate}.`;
  }

  function choose(wanted, focus = false) {
    const trace = traces[generation];
    if (!trace || !trace.steps.length) { panel.replaceChildren(); return; }
    const all = steps();
    all[current]?.setAttribute('aria-selected', 'false');
    all[current]?.setAttribute('tabindex', '-1');
    current = Math.max(0, Math.min(trace.steps.length - 1, wanted));
    all[current].setAttribute('aria-selected', 'true');
    all[current].setAttribute('tabindex', '0');
    if (focus) all[current].focus();
    const step = trace.steps[current];
    const button = (text, label, by) => {
      const one = make('button', { type: 'button', 'aria-label': label }, text);
      one.addEventListener('click', () => { pinned = true; choose(current + by); panel.querySelector(`[aria-label="${label}"]`).focus(); });
      return one;
    };
    panel.replaceChildren(
      make('div', { class: 'bar' }, make('h3', {}, `Step ${current + 1} of ${trace.steps.length}`),
        button('←', 'Previous step', -1), button('→', 'Next step', 1)),
      drawRhythm(trace),
      make('p', { 'aria-live': 'polite' }, sentence(step)),
      make('div', { class: 'scroll forest', tabindex: '0', role: 'region', 'aria-label': 'The tree' }, drawTree(step, looks[generation])),
      make('p', { class: 'note' }, 'Thick lines and round ends: accepted. Thin and broken: dropped. The square at the end is the model’s own token.'),
      table(step, trace),
      make('p', { class: 'note' }, pinned ? 'Held: click the step again, or press Escape, to follow the pointer.' : 'Click holds a step; ← → Home End move.'));
  }

  function show(wanted) {
    generation = wanted;
    current = 0;
    pinned = false;
    articles.forEach((article, at) => { article.hidden = at !== wanted; });
    // The first step that had guesses and kept some says most.
    const telling = traces[wanted].steps.findIndex((step) => step.path.length > 2 && step.nodes.length > step.path.length);
    choose(Math.max(0, telling));
  }

  const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 };
  articles.forEach((article) => {
    const output = article.querySelector('.output');
    const at = (event) => [...steps()].indexOf(event.target.closest('.step'));
    output.addEventListener('mouseover', (event) => {
      if (!pinned && at(event) >= 0 && at(event) !== current) choose(at(event));
    });
    output.addEventListener('click', (event) => {
      if (at(event) < 0) return;
      pinned = !(pinned && at(event) === current);
      choose(at(event), true);
    });
    output.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { pinned = false; choose(current); return; }
      const move = moves[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      pinned = true;
      choose(current + move, true);
    });
    output.addEventListener('focusin', (event) => {
      if (at(event) >= 0 && at(event) !== current) choose(at(event));
    });
  });
  if (traces.length) {
    chooser.addEventListener('change', () => show(Number(chooser.value)));
    show(Number(chooser.value) || 0);
  }
  root.dataset.trace = traces.length ? 'ready' : 'none';

  // Opened as report.html#selftest, the page tries itself, and says in its root element's data how that went.
  if (location.hash === '#selftest') {
    const faults = [];
    const check = (holds, what) => { if (!holds) faults.push(what); };
    const press = (key) => steps()[current].dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    traces.forEach((trace, at) => {
      chooser.value = String(at);
      chooser.dispatchEvent(new Event('change'));
      check(articles.filter((article) => !article.hidden).length === 1, `one text of ${at}`);
      check(steps().length === trace.steps.length, `steps of ${at}`);
      press('Home');
      trace.steps.forEach((step, index) => {
        check(current === index, `step ${index} of ${at}`);
        const own = step.emitted.length >= step.path.length ? 1 : 0;
        check(panel.querySelectorAll('.node').length === step.nodes.length + own, `nodes of step ${index} of ${at}`);
        check(document.activeElement === steps()[index], `focus on step ${index} of ${at}`);
        press('ArrowRight');
      });
      check(current === Math.max(0, trace.steps.length - 1), `the end of ${at}`);
      if (trace.steps.length) steps()[0].dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
      press('Escape');
      if (trace.steps.length) steps()[0].dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
      check(current === 0, `hover in ${at}`);
    });
    document.querySelectorAll('details').forEach((one) => { one.open = true; });
    const overflow = root.scrollWidth - root.clientWidth;
    Object.assign(root.dataset, { faults: faults.join('; '), overflow, width: innerWidth, errors: String(errors) });
    if (parent !== window) parent.postMessage({ ...root.dataset }, '*');
  }
})();
