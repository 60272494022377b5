import { relative } from 'node:path';
import ts from 'typescript';

/**
 * The optional properties, of what a package's functions and methods are given, that refuse `undefined`: each as
 * `Type.property`. Under `exactOptionalPropertyTypes` their callers could not hand on an option of their own as it is.
 *
 * What is only given back may refuse it.
 */
export function strictOptionals(program: ts.Program, index: ts.SourceFile): readonly string[] {
  const checker = program.getTypeChecker();
  const found = new Set<string>();
  const seen = new Set<ts.Type>();

  /** What the project has declared, not the language or somebody else. */
  const isOwn = (symbol: ts.Symbol): boolean =>
    symbol.declarations?.some((node) => !/[/\\]node_modules[/\\]/.test(node.getSourceFile().fileName)) ===
    true;

  /** Its name, unless it is one of the language's, such as `Partial`, or has none. */
  function nameOf({ aliasSymbol, symbol }: ts.Type): string | undefined {
    const named = aliasSymbol ?? symbol;
    return isOwn(named) && named.name !== '__type' ? named.name : undefined;
  }

  function visitGiven(type: ts.Type, name: string): void {
    if (seen.has(type)) return;
    seen.add(type);
    if (type.isUnionOrIntersection()) {
      for (const part of type.types) visitGiven(part, name);
    }
    if (type.isIntersection() || (type.flags & ts.TypeFlags.Object) === 0) return;
    if (checker.isArrayType(type) || checker.isTupleType(type)) {
      for (const part of checker.getTypeArguments(type as ts.TypeReference)) visitGiven(part, name);
      return;
    }
    // Instances of classes, and functions, are made elsewhere.
    if (type.isClass() || type.getCallSignatures().length > 0) return;
    for (const property of type.getProperties()) {
      if (!isOwn(property)) continue;
      const of = checker.getTypeOfSymbol(property);
      const path = `${nameOf(type) ?? name}.${property.name}`;
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      // A type that is missing is no `undefined` there, but the checker's own.
      const takesUndefined =
        (of.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0 ||
        (of.isUnion() ? of.types : [of]).includes(checker.getUndefinedType());
      if (isOptional && !takesUndefined) found.add(path);
      visitGiven(of, path);
    }
  }

  function visitCalls(signatures: readonly ts.Signature[], name: string): void {
    for (const parameter of signatures.flatMap((signature) => signature.parameters))
      visitGiven(checker.getTypeOfSymbol(parameter), `${name}(${parameter.name})`);
  }

  const module = checker.getSymbolAtLocation(index);
  if (module === undefined) throw new Error(`${relative('.', index.fileName)} exports nothing`);
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    if ((symbol.flags & ts.SymbolFlags.Value) === 0 || !isOwn(symbol)) continue;
    const type = checker.getTypeOfSymbol(symbol);
    visitCalls(type.getCallSignatures(), symbol.name);
    visitCalls(type.getConstructSignatures(), symbol.name);
    if ((symbol.flags & ts.SymbolFlags.Class) === 0) continue;
    const instance = checker.getDeclaredTypeOfSymbol(symbol);
    for (const side of [type, instance])
      for (const member of side.getProperties().filter(isOwn))
        visitCalls(checker.getTypeOfSymbol(member).getCallSignatures(), `${symbol.name}.${member.name}`);
  }
  return [...found];
}
