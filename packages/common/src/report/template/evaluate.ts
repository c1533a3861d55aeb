import { type TemplateFunction, templateFunctions } from "./functions.ts";
import { formatValue, isTrue, sortedEntries } from "./go-value.ts";
import { TemplateError } from "./lexer.ts";
import type { Node, Operand, ParsedTemplate, Pipe } from "./nodes.ts";

export interface EvaluateOptions {
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
  /** Fields that are maps, not structs: a key that such a record lacks prints as `<no value>` instead of failing. */
  readonly mapFields?: ReadonlySet<string>;
  /** Other names of fields: `{ ID: "Id" }`. */
  readonly fieldAliases?: Readonly<Record<string, string>>;
  /** What the error for an unknown field calls the data's type. */
  readonly typeName?: string;
}

/**
 * Carries a template out over `data`: plain objects are structs, Maps are maps, functions are methods.
 * @throws TemplateError with Go's wording where the template asks for what is not there
 */
export function executeTemplate(template: ParsedTemplate, data: unknown, options: EvaluateOptions = {}): string {
  const parts: string[] = [];
  const run: Run = { template, options, parts, root: data };
  executeList(run, template.body, { dot: data, variables: new Map([["$", { value: data }]]) });
  return parts.join("");
}

interface Run {
  readonly template: ParsedTemplate;
  readonly options: EvaluateOptions;
  readonly parts: string[];
  readonly root: unknown;
}

interface Scope {
  readonly dot: unknown;
  /** Cells, so that `$x = …` inside a branch is seen after it. */
  readonly variables: Map<string, { value: unknown }>;
}

type Flow = "next" | "break" | "continue";

function executeList(run: Run, nodes: readonly Node[], scope: Scope): Flow {
  for (const node of nodes) {
    const flow = executeNode(run, node, scope);
    if (flow !== "next") return flow;
  }
  return "next";
}

function executeNode(run: Run, node: Node, scope: Scope): Flow {
  switch (node.kind) {
    case "text":
      run.parts.push(node.text);
      return "next";
    case "action": {
      const value = evaluatePipe(run, node.pipe, scope, node.place);
      if (node.pipe.variables.length === 0) run.parts.push(formatValue(value));
      return "next";
    }
    case "if":
    case "with": {
      const inner = childScope(scope, scope.dot);
      const value = evaluatePipe(run, node.pipe, inner, node.place);
      if (!isTrue(value)) return executeList(run, node.otherwise, inner);
      return executeList(run, node.then, node.kind === "with" ? { dot: value, variables: inner.variables } : inner);
    }
    case "range":
      return executeRange(run, node, scope);
    case "template":
      return executeTemplateCall(run, node, scope);
    default:
      return node.kind;
  }
}

function executeRange(run: Run, node: Extract<Node, { kind: "range" }>, scope: Scope): Flow {
  const outer = childScope(scope, scope.dot);
  const value = evaluatePipe(run, { ...node.pipe, variables: [] }, outer, node.place);
  const items = rangeItems(value);
  if (items === undefined) fail(run, node.place, `range can't iterate over ${formatValue(value)}`);
  if (items.length === 0) return executeList(run, node.otherwise, outer);
  const names = node.pipe.variables;
  for (const [key, item] of items) {
    const inner = childScope(outer, item);
    const [first, second] = names;
    if (first !== undefined) inner.variables.set(first, { value: second === undefined ? item : key });
    if (second !== undefined) inner.variables.set(second, { value: item });
    if (executeList(run, node.then, inner) === "break") break;
  }
  return "next";
}

function rangeItems(value: unknown): Array<[unknown, unknown]> | undefined {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((item, at) => [at, item]);
  if (value instanceof Map) return sortedEntries(value);
  if (typeof value === "number") return Array.from({ length: value }, (_, at) => [at, at]);
  if (typeof value === "object") return sortedEntries(new Map(Object.entries(value)));
  return undefined;
}

function executeTemplateCall(run: Run, node: Extract<Node, { kind: "template" }>, scope: Scope): Flow {
  const body = run.template.definitions.get(node.name);
  if (body === undefined) fail(run, node.place, `template ${JSON.stringify(node.name)} not defined`);
  const dot = node.pipe === undefined ? undefined : evaluatePipe(run, node.pipe, scope, node.place);
  executeList(run, body, { dot, variables: new Map([["$", { value: dot }]]) });
  return "next";
}

function childScope(scope: Scope, dot: unknown): Scope {
  return { dot, variables: new Map(scope.variables) };
}

function evaluatePipe(run: Run, pipe: Pipe, scope: Scope, place: string): unknown {
  let value: unknown;
  pipe.commands.forEach((command, at) => {
    value = evaluateCommand({ run, scope, place }, command, at === 0 ? [] : [value]);
  });
  for (const name of pipe.variables) {
    const cell = scope.variables.get(name);
    if (pipe.declares) scope.variables.set(name, { value });
    else if (cell !== undefined) cell.value = value;
    else fail(run, place, `undefined variable ${JSON.stringify(name)}`);
  }
  return value;
}

interface Place {
  readonly run: Run;
  readonly scope: Scope;
  readonly place: string;
}

function evaluateCommand(place: Place, command: readonly Operand[], piped: readonly unknown[]): unknown {
  const [first, ...rest] = command;
  if (first === undefined) return undefined;
  if (first.kind === "function") return callFunction(place, first.name, { operands: rest, piped });
  const args = [...rest.map((operand) => evaluateOperand(place, operand)), ...piped];
  const value = evaluateOperand(place, first, args);
  if (args.length > 0 && !("names" in first && first.names.length > 0)) fail(place.run, place.place, "can't give argument to non-function");
  return value;
}

function callFunction(
  place: Place,
  name: string,
  { operands, piped }: { operands: readonly Operand[]; piped: readonly unknown[] },
): unknown {
  if (name === "and" || name === "or") {
    let value: unknown = piped[0];
    for (const operand of operands) {
      value = evaluateOperand(place, operand);
      if (isTrue(value) === (name === "or")) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }
  const fn = place.run.options.functions?.[name] ?? templateFunctions[name];
  if (fn === undefined) fail(place.run, place.place, `function ${JSON.stringify(name)} not defined`);
  const args = [...operands.map((operand) => evaluateOperand(place, operand)), ...piped];
  try {
    return fn(...args);
  } catch (error) {
    return fail(
      place.run,
      place.place,
      `executing ${JSON.stringify(place.run.template.name)} at <${name}>: error calling ${name}: ${(error as Error).message}`,
    );
  }
}

function evaluateOperand(place: Place, operand: Operand, args: readonly unknown[] = []): unknown {
  switch (operand.kind) {
    case "dot":
      return place.scope.dot;
    case "nil":
      return null;
    case "constant":
      return operand.value;
    case "function":
      return callFunction(place, operand.name, { operands: [], piped: [] });
    case "field":
      return followFields(place, place.scope.dot, operand, args);
    case "variable": {
      const cell = place.scope.variables.get(operand.name);
      if (cell === undefined) fail(place.run, place.place, `undefined variable ${JSON.stringify(operand.name)}`);
      return followFields(place, cell.value, operand, args);
    }
    case "pipe":
      return followFields(place, evaluatePipe(place.run, operand.pipe, place.scope, place.place), operand, args);
  }
}

function followFields(
  place: Place,
  start: unknown,
  operand: { names: readonly string[]; source: string; place: string },
  args: readonly unknown[],
): unknown {
  let value = start;
  operand.names.forEach((name, at) => {
    value = readField({ ...place, place: operand.place }, value, {
      name,
      source: operand.source,
      args: at === operand.names.length - 1 ? args : [],
    });
  });
  return value;
}

function readField(place: Place, holder: unknown, wanted: { name: string; source: string; args: readonly unknown[] }): unknown {
  const { options, template } = place.run;
  const { name, source, args } = wanted;
  if (holder instanceof Map) return holder.get(name);
  const refuse = (reason: string): never =>
    fail(place.run, place.place, `executing ${JSON.stringify(template.name)} at <${source}>: ${reason}`);
  if (holder === null || holder === undefined) return refuse(`nil pointer evaluating interface {}.${name}`);
  const type = options.typeName ?? "struct";
  if (typeof holder !== "object" || Array.isArray(holder))
    return refuse(`can't evaluate field ${name} in type ${Array.isArray(holder) ? "slice" : typeof holder}`);
  const record = holder as Record<string, unknown>;
  const alias = options.fieldAliases?.[name];
  const key = name in record || alias === undefined || !(alias in record) ? name : alias;
  if (!(key in record)) return refuse(`can't evaluate field ${name} in type ${type}`);
  const value = record[key];
  if (typeof value === "function") return (value as (...list: readonly unknown[]) => unknown).apply(record, [...args]);
  if (options.mapFields?.has(key) !== true) return value ?? null;
  if (value === null || value === undefined) return NIL_MAP;
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Map) ? new Map(Object.entries(value)) : value;
}

/** Go's nil map: printed as an empty one, and as `null` by the function `json`. */
const NIL_MAP = Object.freeze(Object.defineProperty(new Map<string, unknown>(), "toJSON", { value: () => null }));

function fail(run: Run, place: string, message: string): never {
  throw new TemplateError(`template: ${run.template.name}:${place}: ${message}`);
}
