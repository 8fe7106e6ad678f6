// Markup comes from index.html: its templates, and its data-* hooks.

export function hook(name, root = document) {
  return root.querySelector(`[data-${name}]`);
}

export function clone(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
