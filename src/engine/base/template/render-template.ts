import { type Expression, type Nodes, parseTemplate, type TemplateNode } from "./parse-template.ts";
import { templateError } from "./template-error.ts";
import { isTrue, shown, TEMPLATE_FUNCTIONS } from "./template-functions.ts";

/** Fills in a Go template. Throws EngineError where it cannot be parsed, or a member of the value is unknown. */
export function renderTemplate(template: string, value: unknown): string {
  return templateRenderer(template)(value);
}

/** As renderTemplate, for many values. */
export function templateRenderer(template: string): (value: unknown) => string {
  const nodes = parseTemplate(template);
  return (value) => renderNodes(nodes, { dot: value, variables: new Map([["$", value]]) });
}

interface Scope {
  readonly dot: unknown;
  readonly variables: Map<string, unknown>;
}

function renderNodes(nodes: Nodes, scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join("");
}

function renderNode(node: TemplateNode, scope: Scope): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "print":
      return shown(evaluate(node.value, scope));
    case "assign":
      scope.variables.set(node.name, evaluate(node.value, scope));
      return "";
    case "if":
      return renderNodes(isTrue(evaluate(node.value, scope)) ? node.body : node.otherwise, inner(scope, scope.dot));
    case "with": {
      const value = evaluate(node.value, scope);
      return isTrue(value) ? renderNodes(node.body, inner(scope, value)) : renderNodes(node.otherwise, scope);
    }
    case "range":
      return renderRange(node, scope);
  }
}

function renderRange(node: TemplateNode & { readonly kind: "range" }, scope: Scope): string {
  const items = entriesOf(evaluate(node.value, scope));
  if (items.length === 0) return renderNodes(node.otherwise, scope);
  const [first, second] = node.variables;
  return items
    .map(([key, value]) => {
      const own = inner(scope, value);
      if (second !== undefined && first !== undefined) own.variables.set(first, key).set(second, value);
      else if (first !== undefined) own.variables.set(first, value);
      return renderNodes(node.body, own);
    })
    .join("");
}

function entriesOf(value: unknown): readonly (readonly [key: unknown, value: unknown])[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((member, index) => [index, member]);
  if (typeof value === "object") return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  throw templateError(`range can't iterate over ${shown(value)}`);
}

function inner({ variables }: Scope, dot: unknown): Scope {
  return { dot, variables: new Map(variables) };
}

function evaluate(expression: Expression, scope: Scope): unknown {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "dot":
      return scope.dot;
    case "variable":
      if (scope.variables.has(expression.name)) return scope.variables.get(expression.name);
      throw templateError(`undefined variable "${expression.name}"`);
    case "field":
      return expression.names.reduce(field, evaluate(expression.of, scope));
    case "call": {
      const call = TEMPLATE_FUNCTIONS[expression.name];
      if (call === undefined) throw templateError(`function "${expression.name}" not defined`);
      return call(...expression.args.map((argument) => evaluate(argument, scope)));
    }
    case "method": {
      const method = evaluate(expression.of, scope);
      if (typeof method !== "function") throw templateError("can't give argument to non-function");
      return method(...expression.args.map((argument) => evaluate(argument, scope)));
    }
  }
}

/**
 * A member that the value does not have is a mistake in the template; of nothing it is nothing. One that is there and
 * undefined is a nil of Go's.
 */
function field(value: unknown, name: string): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && Object.hasOwn(value, name)) return Reflect.get(value, name) ?? null;
  if (typeof value === "object" && isMap(value)) return undefined;
  throw templateError(`can't evaluate field ${name}`);
}

/** docker's types have their members in upper case; what has others is a map, such as labels. */
function isMap(value: object): boolean {
  return Object.keys(value).every((key) => !/^[A-Z]/.test(key));
}
