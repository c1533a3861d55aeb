/** The grammar of image names, as distribution/reference defines it: https://pkg.go.dev/github.com/distribution/reference. */
const DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])`;
const DOMAIN = `${HOST}(?::[0-9]+)?`;
const PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";

/** Groups: name (domain and path), tag, digest. */
export const REFERENCE_PATTERN = new RegExp(`^((?:${DOMAIN}/)?${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
/** Groups: domain (absent for a bare path), path. */
export const NAME_PATTERN = new RegExp(`^(?:(${DOMAIN})/)?(${PATH})$`);
export const TAG_PATTERN = new RegExp(`^${TAG}$`);
/** A bare image id, which must never be taken for a name. */
export const IDENTIFIER_PATTERN = /^[a-f0-9]{64}$/;

/** Longest name, domain included. */
export const NAME_LENGTH_LIMIT = 255;
