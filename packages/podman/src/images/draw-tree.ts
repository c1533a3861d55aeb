import { humanSize } from "@containers/common/report/units";
import type { ImageTree, TreeLayer } from "@containers/image/local-images/tree";

interface Branch {
  readonly text: string;
  readonly branches: Branch[];
}

/** The layers of an image as `image tree` shows them. */
export function drawTree(tree: ImageTree, whatRequires: boolean): string {
  const head = [
    `Image ID: ${tree.id.slice(0, 12)}`,
    `Tags:     [${tree.tags.join(" ")}]`,
    `Size:     ${humanSize(tree.size)}`,
    tree.layers.length === 0 ? "No Image Layers" : "Image Layers",
  ];
  const branches: Branch[] = [];
  if (whatRequires) for (const layer of tree.layers) grow(branches, layer, 1);
  else branches.push(...tree.layers.map((layer) => ({ text: layerLine(layer), branches: [] })));
  return `${head.join("\n")}\n${draw(branches, "")}\n`;
}

/** Layers without siblings go on in a line; siblings each begin a branch of their own. */
function grow(branches: Branch[], layer: TreeLayer, siblings: number): void {
  const branch: Branch = { text: layerLine(layer), branches: [] };
  branches.push(branch);
  const below = siblings > 1 ? branch.branches : branches;
  for (const child of layer.children) grow(below, child, layer.children.length);
}

function layerLine(layer: TreeLayer): string {
  const owners = layer.topLayerOf.length === 0 ? "" : ` Top Layer of: [${layer.topLayerOf.join(" ")}]`;
  return `ID: ${layer.id.slice(0, 12)} Size: ${humanSize(layer.size).padStart(7)}${owners}`;
}

function draw(branches: readonly Branch[], indent: string): string {
  return branches
    .map((branch, index) => {
      const last = index === branches.length - 1;
      return `${indent}${last ? "└── " : "├── "}${branch.text}\n${draw(branch.branches, `${indent}${last ? "    " : "│   "}`)}`;
    })
    .join("");
}
