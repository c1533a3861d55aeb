import { defineCommand } from "@containers/common/cli/define-command";
import { humanSize } from "@containers/common/report/units";
import { type ImageTree, imageTree, type TreeLayer } from "@containers/image/local-images/tree";
import { withImages } from "./with-images.ts";

/** `podman image tree`. */
export const imageTreeCommand = defineCommand({
  name: "tree",
  summary: "Print layer hierarchy of an image in a tree format",
  description: "Prints layer hierarchy of an image in a tree format",
  usage: "IMAGE",
  examples: ["podman image tree alpine:latest"],
  flags: { whatrequires: { type: "bool", description: "Show all child images and layers of the specified image" } },
  args: { min: 1, max: 1 },
  run: (invocation) =>
    withImages(invocation, async ({ images }) => {
      const { flags, args, out } = invocation;
      out.stdout(drawTree(await imageTree(images, args[0] ?? "", { whatRequires: flags.whatrequires }), flags.whatrequires));
    }),
});

interface Branch {
  readonly text: string;
  readonly branches: Branch[];
}

function drawTree(tree: ImageTree, whatRequires: boolean): string {
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
