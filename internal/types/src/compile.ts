import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The folder in which the programs stand that are compiled: the packages are found from there as they are from a user's. */
const folder = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What a careful user has set. */
export const careful: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  noEmit: true,
  skipDefaultLibCheck: true,
};

/** Compiles programs that are given as texts, by their names, against the built packages. */
export function compile(programs: Readonly<Record<string, string>>, options: ts.CompilerOptions): ts.Program {
  const texts = new Map(Object.entries(programs).map(([name, text]) => [join(folder, name), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = texts.get(name);
    return text === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, text, language, true);
  };
  host.getCurrentDirectory = () => folder;
  return ts.createProgram([...texts.keys()], options, host);
}

/** What the compiler has to say, each as `file:line: message`. */
export function complaints(program: ts.Program): readonly string[] {
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const place =
      file && `${basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: `;
    return `${place ?? ''}${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
