import { describe, expect, it } from "vitest";
import { formatOne, formatRows, isJsonFormat } from "./format.ts";
import { toJson } from "./json.ts";
import { renderTable } from "./table.ts";
import { alignTabs } from "./tabwriter.ts";
import { compileTemplate } from "./template/compile.ts";
import { humanDuration, humanSize } from "./units.ts";

describe("tables", () => {
  it("pads as podman's listings do", () => {
    expect(renderTable(["NETWORK ID", "NAME", "DRIVER"], [["a7092f62ba04", "n1", "bridge"]])).toBe(
      "NETWORK ID    NAME        DRIVER\na7092f62ba04  n1          bridge\n",
    );
  });
  it("gives each run of neighbouring lines its own width", () => {
    expect(alignTabs("a\tb\naaaaaaaaaaaaaaa\tb\nplain\nc\td\n")).toBe("a                b\naaaaaaaaaaaaaaa  b\nplain\nc           d\n");
  });
});

describe("units", () => {
  it.each([
    [0, "0B"],
    [2_223_000, "2.223MB"],
    [999, "999B"],
    [1000, "1kB"],
    [67_108_864, "67.11MB"],
    [25_280_000_000, "25.28GB"],
    [684_032, "684kB"],
  ])("%d bytes", (bytes, text) => expect(humanSize(bytes)).toBe(text));
  it.each([
    [300, "Less than a second"],
    [1500, "1 second"],
    [59_900, "59 seconds"],
    [61_000, "About a minute"],
    [3_600_000, "About an hour"],
    [47 * 3_600_000, "47 hours"],
    [72 * 3_600_000, "3 days"],
    [20 * 86_400_000, "2 weeks"],
    [90 * 86_400_000, "3 months"],
  ])("%d ms", (span, text) => expect(humanDuration(span)).toBe(text));
});

describe("json", () => {
  it("escapes as Go does", () => {
    expect(toJson({ a: "<&>\u2028" }, { indent: 0, escapeHtml: true })).toBe('{"a":"\\u003c\\u0026\\u003e\\u2028"}');
    expect(
      toJson(
        new Map([
          ["b", 1],
          ["a", 2],
        ]),
        { indent: 0 },
      ),
    ).toBe('{"a":2,"b":1}');
  });
});

describe("templates", () => {
  const data = {
    Name: "web",
    N: 3,
    On: true,
    None: null,
    List: ["a", "b"],
    Labels: { b: "2", a: "1" },
    Nested: { Deep: { X: "y" } },
    Greet: (who: string) => `hi ${who}`,
  };
  const options = { name: "t", mapFields: new Set(["Labels"]), typeName: "main.T", fieldAliases: { Title: "Name" } };
  it.each([
    ["{{.Name}} {{ .N }}", "web 3"],
    ["{{.Labels}} {{.List}} {{.None}} {{.Nested}}", "map[a:1 b:2] [a b] <nil> {{y}}"],
    ["{{.Labels.a}}{{.Labels.zz}}", "1<no value>"],
    ['{{index .Labels "b"}}{{index .Labels "zz"}}|{{index .List 1}}', "2|b"],
    ["{{range .List}}[{{.}}]{{end}}", "[a][b]"],
    ["{{range $i, $x := .List}}{{$i}}={{$x}};{{end}}", "0=a;1=b;"],
    ["{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}", "a=1 b=2 "],
    ["{{range .None}}x{{else}}none{{end}}", "none"],
    ["{{if and .On (gt .N 2)}}yes{{else if .On}}half{{else}}no{{end}}", "yes"],
    ["{{if eq .Name `x` `web`}}one of{{end}}", "one of"],
    ["{{with .Nested.Deep}}{{.X}}{{end}}", "y"],
    ["a {{- 1 -}} b{{/* c */}}", "a1b"],
    ["{{$x := .Name}}{{$x = upper $x}}{{$x}}", "WEB"],
    ['{{printf "%-6s|%03d|%q|%v|%5.1f" .Name .N .Name .List 2.25}}', 'web   |003|"web"|[a b]|  2.3'],
    ["{{.Name | upper | printf `%s!`}}", "WEB!"],
    ["{{json .Labels}} {{json .Name}}", '{"a":"1","b":"2"} "web"'],
    [
      '{{join .List ","}} {{split "a:b" ":"}} {{title "ab cd"}} {{len .List}} {{slice .Name 1 2}} {{truncate .Name 2}} {{pad .Name 1 1}}',
      "a,b [a b] Ab Cd 2 e we  web ",
    ],
    ['{{.Greet "you"}}', "hi you"],
    ["{{.Title}} {{$.Name}} {{(index .List 0)}}", "web web a"],
    ['{{define "x"}}<{{.}}>{{end}}{{template "x" .Name}}', "<web>"],
    ["{{range .List}}{{if eq . `b`}}{{break}}{{end}}{{.}}{{end}}", "a"],
    ["{{not .On}} {{or .None .Name}} {{print 1 2 `x`}} {{println .N}}", "false web 1 2x 3\n"],
  ])("%s", (text, expected) => {
    expect(compileTemplate(text, options)(text.includes("json") ? { ...data, Labels: new Map(Object.entries(data.Labels)) } : data)).toBe(
      expected,
    );
  });
  it.each([
    ["{{.Nope}}", 'template: t:1:2: executing "t" at <.Nope>: can\'t evaluate field Nope in type main.T'],
    ["{{", "template: t:1: unclosed action"],
    ["{{if .On}}", "template: t:1: unexpected EOF"],
    ["{{nosuch 1}}", 'template: t:1: function "nosuch" not defined'],
    ["{{}}", "template: t:1: missing value for command"],
    ["x{{end}}", "template: t:1: unexpected {{end}}"],
  ])("refuses %s", (text, message) => {
    expect(() => compileTemplate(text, options)(data)).toThrow(message);
  });
});

describe("formats", () => {
  const rows = [
    { ID: "1", RunningFor: "x" },
    { ID: "2", RunningFor: "y" },
  ];
  it("applies a text to each row", () => {
    expect(formatRows("{{.ID}}\\t{{.RunningFor}}", rows)).toBe("1\tx\n2\ty\n");
    expect(formatRows("{{range .}}{{.ID}}{{end}}", rows)).toBe("12\n");
  });
  it("prints a row as JSON by its own keys where it has others", () => {
    const json = [{ id: 1 }, new Map([["id", 2]])];
    expect(formatRows("{{json .}}", rows, { json })).toBe('{"id":1}\n{"id":2}\n');
    expect(formatRows("{{.ID}} {{.}}", rows, { json })).toBe(formatRows("{{.ID}} {{.}}", rows));
  });
  it("makes a table with headings", () => {
    expect(formatRows("table {{.ID}} {{.RunningFor}}", rows, { headers: { ID: "CONTAINER ID" } })).toBe(
      "CONTAINER ID  RUNNING FOR\n1             x\n2             y\n",
    );
  });
  it("formats one object and knows JSON", () => {
    expect(formatOne("{{.ID}}", rows[0])).toBe("1\n");
    expect(["json", " json ", "{{json}}", "{{ json }}", "{{json .}}", "{{ json . }}", "x json"].map(isJsonFormat)).toEqual([
      ...[true, true, true, true],
      ...[false, false, false],
    ]);
  });
});
