const LEFT = [
  "agile", "amber", "ancient", "arctic", "autumn", "balmy", "blue", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "cheerful", "clever",
  "cosmic", "cozy", "crimson", "crisp", "curious", "daring", "dapper", "eager", "early", "earnest", "electric", "emerald", "fabled", "fancy", "fearless",
  "fluffy", "fond", "frosty", "gallant", "gentle", "gifted", "gleaming", "golden", "graceful", "happy", "hardy", "hidden", "honest", "humble", "icy", "jolly",
  "jovial", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "merry", "mighty", "misty", "modest", "nimble", "noble", "patient", "placid", "plucky",
  "polite", "proud", "quick", "quiet", "radiant", "rapid", "rustic", "serene", "sharp", "shiny", "silent", "silver", "sincere", "sleek", "smooth", "snowy", "solar",
  "spry", "steady", "sturdy", "sunny", "swift", "tidy", "tranquil", "trusty", "upbeat", "velvet", "vivid", "warm", "wild", "wise", "witty", "young", "zealous",
];
const RIGHT = [
  "acorn", "alder", "anchor", "aspen", "aurora", "badger", "bay", "beacon", "beaver", "birch", "bison", "breeze", "bridge", "brook", "canyon", "cedar", "cliff",
  "cloud", "comet", "coral", "cove", "crane", "creek", "delta", "dolphin", "dune", "eagle", "elm", "ember", "falcon", "fern", "finch", "fjord", "forest", "fox",
  "galaxy", "garden", "geyser", "glacier", "grove", "harbor", "hawk", "heron", "hill", "island", "jaguar", "juniper", "kelp", "lagoon", "lake", "lark", "lynx",
  "maple", "marsh", "meadow", "meteor", "mesa", "moon", "moss", "nebula", "oak", "oasis", "ocean", "orchid", "osprey", "otter", "owl", "panda", "pebble", "pine",
  "planet", "plover", "prairie", "puffin", "quail", "rapids", "raven", "reef", "ridge", "river", "robin", "salmon", "seal", "sparrow", "spruce", "star", "stone",
  "stream", "summit", "swan", "thistle", "tiger", "trout", "tundra", "valley", "walrus", "wave", "willow", "wolf", "wren",
];

/** A name for a container that was given none: `quiet_otter`; from the second try on with a number behind it. */
export function randomName(attempt: number): string {
  const pick = (words: readonly string[]): string => words[randomBelow(words.length)] ?? "container";
  return `${pick(LEFT)}_${pick(RIGHT)}${attempt === 0 ? "" : String(randomBelow(10 ** attempt))}`;
}

/** The runtime's own generator: node:crypto alone would cost a short command milliseconds. */
function randomBelow(limit: number): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.floor((word / 2 ** 32) * limit);
}
