import { ToolError } from "@containers/common/errors/tool-error";

interface Version {
  readonly numbers: readonly [number, number, number];
  /** What follows the hyphen, in its dot-separated parts; empty for a release. */
  readonly prerelease: readonly string[];
}

/** One comparison, such as `>= 3.12`; parts that were left out or are `x` match anything. */
interface Comparison {
  readonly operator: string;
  readonly bound: Version;
  /** How many of the three numbers were given. */
  readonly given: number;
}

const PART = String.raw`v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?`;
const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const COMPARISON = new RegExp(String.raw`^(=|==|!=|>|<|>=|=>|<=|=<|~|~>|\^)?\s*${PART}$`);
const ONE_COMPARISON = new RegExp(String.raw`(?:=|==|!=|>|<|>=|=>|<=|=<|~|~>|\^)?\s*${PART}`, "g");
const HYPHEN_RANGE = new RegExp(String.raw`(${PART})\s+-\s+(${PART})`, "g");

/**
 * A test of tags against a constraint on versions, in the words of Masterminds' library, as `images-by-semver` takes them: comparisons
 * joined by commas or spaces, alternatives by `||`; `~`, `^`, wildcards and `1.2 - 1.4`. A tag that is no version fails it, and so
 * does a pre-release, unless a comparison names one.
 *
 * @throws invalid-argument for a constraint that cannot be read
 */
export function semverConstraint(text: string): (tag: string) => boolean {
  const alternatives = text.split("||").map((part) => comparisons(part, text));
  return (tag) => {
    const version = parseVersion(tag);
    return version !== undefined && alternatives.some((all) => all.every((one) => holds(one, version)));
  };
}

function comparisons(part: string, whole: string): readonly Comparison[] {
  const plain = part.replace(HYPHEN_RANGE, (_, low: string, ...rest: string[]) => `>=${low} <=${rest[4] ?? ""}`).trim();
  const words = plain.match(ONE_COMPARISON) ?? [];
  if (words.length === 0 || plain.replace(ONE_COMPARISON, "").replace(/[\s,]/g, "") !== "")
    throw new ToolError("invalid-argument", `improper constraint: ${whole}`, { hint: 'write it like ">= 3.12.0, < 4"' });
  return words.map((word) => comparison(word.trim()));
}

function comparison(word: string): Comparison {
  const [, operator = "", major = "*", minor = "*", patch = "*", prerelease = ""] = COMPARISON.exec(word) ?? [];
  const parts = [major, minor, patch];
  const wild = parts.findIndex((part) => !/^\d+$/.test(part));
  const given = wild === -1 ? 3 : wild;
  const [first = 0, second = 0, third = 0] = parts.slice(0, given).map(Number);
  return { operator, given, bound: { numbers: [first, second, third], prerelease: prerelease === "" ? [] : prerelease.split(".") } };
}

function holds({ operator, bound, given }: Comparison, version: Version): boolean {
  if (version.prerelease.length > 0 && bound.prerelease.length === 0) return false;
  const order = compare(version, bound);
  const same = (count: number): boolean => bound.numbers.slice(0, count).every((number, at) => number === version.numbers[at]);
  switch (operator) {
    case "!=":
      return given < 3 ? !same(given) : order !== 0;
    case ">":
      return given < 3 ? order > 0 && !same(given) : order > 0;
    case "<":
      return order < 0;
    case ">=":
    case "=>":
      return order >= 0;
    case "<=":
    case "=<":
      return given < 3 ? order <= 0 || same(given) : order <= 0;
    case "~":
    case "~>":
      return order >= 0 && same(Math.min(given, 2));
    case "^": {
      const leading = bound.numbers.findIndex((number) => number !== 0);
      return order >= 0 && same(leading === -1 ? given : Math.min(leading + 1, given));
    }
    default:
      return given < 3 ? same(given) : order === 0;
  }
}

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, major = "0", minor = "0", patch = "0", prerelease = ""] = match;
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease === "" ? [] : prerelease.split(".") };
}

/** The order of Semantic Versioning 2.0, section 11. */
function compare(left: Version, right: Version): number {
  for (const [at, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0) return right.prerelease.length - left.prerelease.length;
  for (let at = 0; at < Math.max(left.prerelease.length, right.prerelease.length); at++) {
    const [a, b] = [left.prerelease[at], right.prerelease[at]];
    if (a === b) continue;
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const [aNumber, bNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (aNumber && bNumber) return Number(a) - Number(b);
    if (aNumber !== bNumber) return aNumber ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return 0;
}
