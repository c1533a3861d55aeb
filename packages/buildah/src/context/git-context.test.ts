import { expect, it } from "vitest";
import { isGitUrl, parseGitUrl } from "./git-context.ts";

it.each([
  ["git://host/r.git", { repository: "git://host/r.git", ref: "", directory: "" }],
  ["https://host/r.git#main", { repository: "https://host/r.git", ref: "main", directory: "" }],
  ["https://host/r.git#v1:sub/dir", { repository: "https://host/r.git", ref: "v1", directory: "sub/dir" }],
  ["https://host/r.git#:sub", { repository: "https://host/r.git", ref: "", directory: "sub" }],
])("%s", (url, expected) => {
  expect(parseGitUrl(url)).toEqual(expected);
});

it("knows repositories by scheme and by the end of the path", () => {
  const urls = ["git://h/r", "https://h/r.git#x", "https://h/r.tar", "r.git", "https://h/r.git/x"];
  expect(urls.map(isGitUrl)).toEqual([true, true, false, false, false]);
});
