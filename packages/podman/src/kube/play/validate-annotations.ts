import { ToolError } from "@containers/common/errors/tool-error";

const LARGEST = 256 * 1024;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Kubernetes' rules for annotations: `[PREFIX/]NAME` where the prefix is a domain, and 256 KiB of all together.
 * @throws ToolError invalid-argument
 */
export function validateAnnotations(annotations: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(annotations)) requireQualifiedName(key.toLowerCase());
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > LARGEST) throw new ToolError("invalid-argument", `annotations size ${size} is larger than limit ${LARGEST}`);
}

function requireQualifiedName(key: string): void {
  const [first = "", second, ...more] = key.split("/");
  const name = second ?? first;
  const refuse = (problem: string): never => {
    throw new ToolError("invalid-argument", `annotation "${key}" ${problem}`);
  };
  if (more.length > 0) refuse("must consist of a name part with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
  if (second !== undefined && (first.length > 253 || !DOMAIN.test(first))) refuse("must have a DNS subdomain as its prefix");
  if (name.length > 63 || !NAME.test(name))
    refuse("must have a name part of at most 63 characters: letters, digits, '-', '_' and '.', with a letter or digit at both ends");
}
